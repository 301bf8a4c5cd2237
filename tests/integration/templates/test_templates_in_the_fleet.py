"""A template from the database to the models, and what happens while it changes."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from libs.contracts.expert import AskExpertT1
from libs.contracts.profile import Profile
from libs.contracts.progress import PlanDrafted, RequestOpened
from libs.contracts.template import ExpertTemplate, TemplateExpert, TemplateModel
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer, PipelineOptions, pipeline_script
from libs.testing.stores import valkey
from libs.testing.waiting import eventually
from moe.replay.network import network_shut
from moe.replay.verifying import Status
from tests.support.fleet import Client, Stores, whole_fleet
from tests.support.recorded_messages import journal_of, verdict_on
from tests.support.scenes import settled
from tests.support.template_stores import PATIENCE_S, profiles_of, templates_of

QUESTION = "How large should connection pools be, see #{}?"
SCRIPT = pipeline_script(PipelineOptions(tasks=2, categories=("technical_support", "science")))
RACKS = ExpertTemplate(
    id="racks",
    name="Rack experts",
    planner_prompt="Prefer few tasks.",
    planner_model="own-planner:8b",
    judge_prompt="Cite the rack numbers.",
    judge_model="own-judge:70b@scripted",
    experts={
        "technical_support": TemplateExpert(
            system_prompt="You know our racks by heart.",
            models=(TemplateModel(model="own-support:8b"), TemplateModel(model="own-support:70b")),
            max_tokens=300,
        ),
        "science": TemplateExpert(),
    },
    history_max_turns=1,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def valkey_url() -> AsyncIterator[str]:
    async with valkey() as url:
        yield url


@pytest.fixture
def told(owner_url: str) -> dict[str, str]:
    return {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(SIGNING_KEY)}


async def listed(client: Client, model: str, *, there: bool = True) -> None:
    async def is_so() -> bool:
        return (model in await _ids(client)) is there

    await eventually(is_so, within_s=PATIENCE_S, look_every_s=0.05)


async def _ids(client: Client) -> list[str]:
    return [model["id"] for model in (await client.http.get("/v1/models")).json()["data"]]


async def test_a_template_is_staffed_as_it_says_and_replayed(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    await templates_of(owner_url).put([RACKS])
    async with ModelServer(SCRIPT) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "racks")
        assert "The joint answer to #f1" in await client.answer(QUESTION.format("f1"), model="racks")
        assert "The joint answer to #f2" in await client.answer(QUESTION.format("f2"), model="Rack experts")
        asked = {(call.stage, call.category): call for call in models.calls}
        assert {key: call.model for key, call in asked.items()} == {
            ("planner", ""): "own-planner:8b",
            ("expert", "technical_support"): "own-support:8b",
            ("expert", "science"): "scripted:7b",
            ("judge", ""): "own-judge:70b",
        }
        assert "Prefer few tasks." in asked["planner", ""].messages[0].content
        assert "You know our racks by heart." in asked["expert", "technical_support"].messages[0].content
        assert "Cite the rack numbers." in asked["judge", ""].messages[0].content
        await settled(client)
        opened = client.events(RequestOpened)[0]
        assert isinstance(opened, RequestOpened)
        assert opened.staffing is not None
        assert (opened.staffing.template, opened.model) == ("racks", "racks")
        journal = journal_of(client)
        with network_shut():
            verdicts = [await verdict_on(journal, response_id) for response_id in journal.requests()]
    assert [(verdict.status, verdict.differences) for verdict in verdicts] == [(Status.VERIFIED, ())] * 2


async def test_commands_carry_the_slice_of_their_expert_alone(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    await templates_of(owner_url).put([RACKS])
    async with ModelServer(SCRIPT) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "racks")
        await client.answer(QUESTION.format("s1"), model="racks")
        commands = [event for event in client.events(AskExpertT1) if isinstance(event, AskExpertT1)]
        roles = {command.category: command.role for command in commands}
        assert roles["technical_support"] is not None
        assert roles["technical_support"].max_tokens == 300
        assert "Cite the rack numbers." not in json.dumps([command.model_dump() for command in commands])


async def test_a_template_that_changes_meanwhile_changes_nothing_for_a_request_that_runs(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    slow = pipeline_script(PipelineOptions(tasks=2, categories=("technical_support", "science"), delay_s=0.4))
    await templates_of(owner_url).put([RACKS])
    async with ModelServer(slow) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "racks")
        async with asyncio.TaskGroup() as group:
            running = group.create_task(client.answer(QUESTION.format("c1"), model="racks"))
            await client.event(PlanDrafted)
            await templates_of(owner_url).delete(["racks"])
            await listed(client, "racks", there=False)
        assert "The joint answer to #c1" in running.result()
        assert [call.model for call in models.calls if call.stage == "judge"] == ["own-judge:70b"]
        gone = await client.ask("Why?", model="racks")
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "model_not_found")


async def test_the_ids_of_claude_are_answered_as_the_default_profile_says(
    owner_url: str, told: dict[str, str], valkey_url: str, tmp_path: Path
) -> None:
    profile = Profile(
        id="cc", name="CC", expert_template_id="racks", default=True, system_prompt_prefix="You serve Acme."
    )
    await templates_of(owner_url).put([RACKS])
    await profiles_of(owner_url).put([profile])
    async with ModelServer(SCRIPT) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, told)) as client:
        await listed(client, "racks")
        frames = [frame async for frame in client.stream(QUESTION.format("d1"), model="claude-sonnet-5-5")]
        assert "The joint answer to #d1" in "".join(frame.content for frame in frames)
        assert "".join(frame.reasoning for frame in frames) == ""
        judge = next(call for call in models.calls if call.stage == "judge")
        assert judge.model == "own-judge:70b"
        assert "You serve Acme." in judge.messages[1].content
