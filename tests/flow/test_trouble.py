"""Whatever fails, the request ends with an error, and never with an error text as its answer."""

import asyncio
from pathlib import Path

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import PartCompleted, PlanDrafted, RequestCancelled
from libs.testing.model_server import Fault, ModelServer, Reply, Rule, error_reply, pipeline_script
from tests.support.fleet import STAGES, Stores, whole_fleet
from tests.support.scenes import crashed

QUESTION = "How large should connection pools be, see #{}?"
NOWHERE = "http://127.0.0.1:9/v1"  # the discard port: nothing listens there


async def test_a_model_server_that_is_down_is_an_error_that_says_so(valkey_url: str, tmp_path: Path) -> None:
    async with whole_fleet(Stores(NOWHERE, valkey_url, tmp_path)) as client:
        response = await client.ask(QUESTION.format("x1"))
        frames = [frame async for frame in client.stream(QUESTION.format("x2"))]
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "model_unavailable"
    assert [frame.error for frame in frames if frame.error] == ["model_unavailable"]
    assert "".join(frame.content for frame in frames) == ""
    assert not any(frame.done for frame in frames)


async def test_an_answer_is_given_from_what_arrived_and_says_what_is_missing(valkey_url: str, tmp_path: Path) -> None:
    broken = Rule(error_reply(400, "no such thing"), stage="expert", times=1)
    async with (
        ModelServer((broken, *pipeline_script())) as models,
        whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client,
    ):
        text = await client.answer(QUESTION.format("h1"))
        parts = client.events(PartCompleted)
    assert text.startswith("The joint answer to #h1")
    assert sum(isinstance(part, PartCompleted) and part.failure is not None for part in parts) == 1
    assert "Explain aspect" in text


async def test_a_garbled_plan_becomes_one_general_task(valkey_url: str, tmp_path: Path) -> None:
    garbage = Rule(Reply(text="I would rather not plan today."), stage="planner")
    async with (
        ModelServer((garbage, *pipeline_script())) as models,
        whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client,
    ):
        assert "#g1" in await client.answer(QUESTION.format("g1"))
        plan = client.events(PlanDrafted)[0]
    assert isinstance(plan, PlanDrafted)
    assert plan.source == "fallback"


async def test_without_valkey_the_answer_still_comes(tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(Stores(models.url, "redis://127.0.0.1:9", tmp_path)) as client:
        frames = [frame async for frame in client.stream(QUESTION.format("v1"))]
    assert "The joint answer to #v1" in "".join(frame.content for frame in frames)
    assert frames[-1].done


async def test_a_client_that_leaves_stops_the_running_calls(valkey_url: str, tmp_path: Path) -> None:
    silent = Rule(Reply(fault=Fault("silence")), stage="expert")
    async with (
        ModelServer((silent, *pipeline_script())) as models,
        whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client,
    ):
        asking = asyncio.get_running_loop().create_task(client.ask("Wait for me"))
        await models.log.wait_started(4)
        asking.cancel()
        await client.event(RequestCancelled)
        end = await client.event(AnswerFinished)
        await models.log.wait_ended(4)
    assert isinstance(end, AnswerFinished)
    assert end.outcome == "cancelled"
    assert sum(call.disconnected for call in models.calls) == 3


async def test_a_request_ends_at_its_deadline(valkey_url: str, tmp_path: Path) -> None:
    silent = Rule(Reply(fault=Fault("silence")), stage="expert")
    async with ModelServer((silent, *pipeline_script())) as models:
        stores = Stores(models.url, valkey_url, tmp_path, {"MOE_REQUEST_TIMEOUT": "1.5"})
        async with whole_fleet(stores) as client:
            response = await client.ask(QUESTION.format("e1"))
    assert response.status_code == 504


@pytest.mark.parametrize("victim", STAGES)
async def test_a_stage_that_crashes_and_comes_back_loses_nothing(victim: str, valkey_url: str, tmp_path: Path) -> None:
    async with crashed(victim, valkey_url, tmp_path) as client:
        ends = client.events(AnswerFinished)
    assert len({end.envelope.response_id for end in ends}) == len({end.model_dump_json() for end in ends}) == 2
    assert any("391" in end.text for end in ends if isinstance(end, AnswerFinished))


async def test_many_at_once_get_each_their_own_answer(valkey_url: str, tmp_path: Path, *, whole: bool) -> None:
    count = 200 if whole else 60
    async with ModelServer() as models, whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client:
        answers = await asyncio.gather(*(client.answer(QUESTION.format(f"n{number}")) for number in range(count)))
    for number, answer in enumerate(answers):
        assert f"#n{number}:" in answer
