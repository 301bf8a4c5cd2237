"""Several models for one task, thinking before the answer, a window: from the database to the models, and replayed."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from libs.adapters.identity.keys import Keys
from libs.adapters.identity.users import UserStore
from libs.contracts.answer import AnswerFinished
from libs.contracts.model_call import ModelCall, total_usage
from libs.contracts.profile import Profile
from libs.contracts.progress import PartCompleted, PlanDrafted
from libs.contracts.records import RequestLogged
from libs.contracts.template import ExpertTemplate, TemplateExpert, TemplateModel
from libs.ports.directory import NewKey
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer, PipelineOptions, Rule, error_reply, pipeline_script
from libs.testing.stores import valkey
from moe.replay.network import network_shut
from moe.replay.verifying import Status
from tests.integration.templates.test_templates_in_the_fleet import listed
from tests.support.fleet import Client, Stores, whole_fleet
from tests.support.recorded_messages import journal_of, verdict_on
from tests.support.scenes import settled
from tests.support.template_stores import answers, office, profiles_of, templates_of

QUESTION = "How large should connection pools be, see #o1?"
ONE = PipelineOptions(tasks=1, categories=("science",))
JURY = ExpertTemplate(
    id="jury",
    name="Jury",
    experts={
        "science": TemplateExpert(
            models=(
                TemplateModel(model="lead:7b", role="primary"),
                TemplateModel(model="second:7b", role="always"),
                TemplateModel(model="third:7b", role="always"),
            )
        )
    },
)
THINKER = ExpertTemplate(id="thinker", name="Thinker", force_think=True)
SPARE = ExpertTemplate(
    id="spare",
    name="Spare",
    experts={
        "science": TemplateExpert(
            models=(TemplateModel(model="gone:7b", role="primary"), TemplateModel(model="spare:7b", role="primary"))
        )
    },
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def valkey_url() -> AsyncIterator[str]:
    async with valkey() as url:
        yield url


@pytest.fixture
def told(owner_url: str) -> dict[str, str]:
    return {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(SIGNING_KEY)}


async def is_said_again(client: Client) -> bool:
    """Whether a replay of all requests gives the same messages, byte by byte."""
    await settled(client)
    journal = journal_of(client)
    with network_shut():
        verdicts = [await verdict_on(journal, response_id) for response_id in journal.requests()]
    return bool(verdicts) and all(
        (verdict.status, verdict.differences) == (Status.VERIFIED, ()) for verdict in verdicts
    )


def books_agree(client: Client) -> bool:
    plans = [call for event in client.events(PlanDrafted) for call in getattr(event, "calls", ())]
    findings = [event.finding for event in client.events(PartCompleted) if isinstance(event, PartCompleted)]
    ends = {event.envelope.event_id: event for event in client.events(AnswerFinished)}.values()
    last = [call for event in ends for call in getattr(event, "calls", ())]
    calls: tuple[ModelCall, ...] = (
        *plans,
        *last,
        *(call for finding in findings if finding is not None for call in finding.calls),
    )
    (logged,) = (event for event in client.events(RequestLogged) if isinstance(event, RequestLogged))
    return total_usage(calls) == logged.usage


async def test_all_models_that_always_answer_do_and_the_judge_reads_them(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    await templates_of(owner_url).put([JURY])
    script = pipeline_script(ONE)
    async with ModelServer(script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "jury")
        response = await client.ask(QUESTION, model="jury")
        assert "The joint answer to #o1" in response.json()["choices"][0]["message"]["content"]
        asked = Counter(call.model for call in models.calls if call.stage == "expert")
        assert asked == {"lead:7b": 1, "second:7b": 1, "third:7b": 1}
        judge = next(call for call in models.calls if call.stage == "judge")
        assert judge.messages[1].content.count("one of 3 independent opinions on this task") == 3
        named = response.headers["x-moe-experts"]
        assert all(f"{name}:7b@scripted::science" in named for name in ("lead", "second", "third"))
        assert await is_said_again(client)
        assert books_agree(client)


async def test_an_opinion_that_fails_leaves_the_answer_to_the_others(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    await templates_of(owner_url).put([JURY])
    script = (Rule(error_reply(400, "no"), model="second:7b"), *pipeline_script(ONE))
    async with ModelServer(script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "jury")
        answer = await client.answer(QUESTION, model="jury")
        assert "The joint answer to #o1" in answer
        assert "Missing" not in answer


async def test_the_answer_is_thought_over_and_the_user_sees_that_it_is(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    await templates_of(owner_url).put([THINKER])
    script = pipeline_script(ONE)
    async with ModelServer(script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "thinker")
        frames = [frame async for frame in client.stream(QUESTION, model="thinker")]
        assert "The joint answer to #o1" in "".join(frame.content for frame in frames)
        assert "Weighing 1 result" in "".join(frame.reasoning for frame in frames)
        assert [call.stage for call in models.calls] == ["planner", "expert", "thinker", "judge"]
        assert "<reasoning>\nNotes on #o1" in models.calls[-1].messages[1].content
        assert await is_said_again(client)
        assert books_agree(client)


async def test_a_thinker_that_is_away_leaves_the_answer_as_it_was(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    await templates_of(owner_url).put([THINKER])
    script = (Rule(error_reply(400, "no"), stage="thinker"), *pipeline_script(ONE))
    async with ModelServer(script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "thinker")
        assert "The science view of #o1" in await client.answer(QUESTION, model="thinker")
        assert await is_said_again(client)


async def test_the_next_model_of_a_tier_answers_where_the_first_is_away(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    await templates_of(owner_url).put([SPARE])
    script = (Rule(error_reply(400, "no"), model="gone:7b"), *pipeline_script(ONE))
    async with ModelServer(script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "spare")
        assert "The science view of #o1" in await client.answer(QUESTION, model="spare")
        assert [call.model for call in models.calls if call.stage == "expert"] == ["gone:7b", "spare:7b"]
        assert await is_said_again(client)


@pytest.mark.parametrize("mode", ["native", "moe_reasoning", "moe_orchestrated"])
async def test_a_coding_agent_is_told_in_its_own_words_that_it_has_to_shorten(
    mode: str, owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    profile = {"id": "cc", "name": "CC", "moe_mode": mode, "context_window": 300, "tool_model": "own:8b"}
    await profiles_of(owner_url).put([Profile.model_validate(profile)])
    await UserStore(office(owner_url)).create_user("ann")
    key = await Keys(office(owner_url)).create(NewKey("ann", profile="cc"))
    headers = {"x-api-key": key, "anthropic-version": "2023-06-01", "authorization": ""}
    async with (
        ModelServer(pipeline_script(ONE)) as models,
        whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client,
    ):

        async def said(text: str) -> httpx.Response:
            body = {"model": "claude-opus-5-5", "max_tokens": 900, "messages": [{"role": "user", "content": text}]}
            return await answers(lambda: client.http.post("/v1/messages", json=body, headers=headers))

        refused = await said("word " * 400)
        assert refused.status_code == 400
        assert refused.json()["error"] == {
            "type": "invalid_request_error",
            "message": "prompt is too long: 404 tokens > 300 maximum",
        }
        assert models.calls == ()
        assert (await said(QUESTION)).status_code == 200
        shown = await client.http.get("/v1/models/claude-opus-5-5", headers=headers)
        assert shown.json()["max_input_tokens"] == 300
