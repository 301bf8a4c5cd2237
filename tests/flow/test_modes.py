"""Every mode through the whole fleet."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.finding import Category
from libs.contracts.plan_section import plan_section
from libs.contracts.progress import PlanDrafted
from libs.testing.model_server import ModelServer, PipelineOptions, Reply, Rule, pipeline_script
from libs.testing.model_server.script import Stage
from tests.support.fleet import Client, Stores, whole_fleet

QUESTION = "How large should connection pools be, see #{}?"
ONE = PipelineOptions(tasks=1)
THREE = PipelineOptions(tasks=3)
SENTENCES = "One pool is enough. " * 60
HEADLESS = Reply(text="Pools should be bounded. They are not yet.")


def _stores(models: ModelServer, valkey_url: str, data_dir: Path) -> Stores:
    return Stores(models.url, valkey_url, data_dir)


def _plan(client: Client) -> PlanDrafted:
    (plan,) = client.events(PlanDrafted)
    assert isinstance(plan, PlanDrafted)
    return plan


def _categories(client: Client) -> Sequence[Category | None]:
    return [part.category for part in _plan(client).parts]


async def test_agents_are_answered_by_code_and_technology_without_a_planner(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        answer = await client.answer(QUESTION.format("a1"), model="moe-orchestrator-agent")
        assert "The joint answer to #a1" in answer
        assert _categories(client) == ["code_reviewer", "technical_support"]
        assert sorted(call.stage for call in models.calls) == ["expert", "expert", "judge"]


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("moe-orchestrator-agent", False),
        ("moe-orchestrator-agent-orchestrated", False),
        ("moe-orchestrator-plan", True),
        ("moe-orchestrator-report", True),
        ("moe-orchestrator", True),
    ],
)
async def test_agents_see_no_progress_and_people_do(model: str, shown: bool, valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        frames = [frame async for frame in client.stream(QUESTION.format("p1"), model=model)]
        assert bool("".join(frame.reasoning for frame in frames)) is shown
        assert "The joint answer to #p1" in "".join(frame.content for frame in frames)


async def test_the_orchestrated_agent_has_all_experts(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        await client.answer(QUESTION.format("o1"), model="moe-orchestrator-agent-orchestrated")
        assert _categories(client) == ["general", "technical_support", "reasoning"]


@pytest.mark.parametrize("options", [ONE, THREE])
async def test_the_plan_stands_before_the_answer_streamed_or_not(
    options: PipelineOptions, valkey_url: str, tmp_path: Path
) -> None:
    async with (
        ModelServer(pipeline_script(options)) as models,
        whole_fleet(_stores(models, valkey_url, tmp_path)) as client,
    ):
        model = "moe-orchestrator-plan"
        whole = await client.answer(QUESTION.format("s1"), model=model)
        section = plan_section(_plan(client).parts, "en")
        assert whole.startswith(section)
        assert whole.count("## Plan") == 1
        assert len(whole) > len(section)
        frames = [frame async for frame in client.stream(QUESTION.format("s1"), model=model)]
        assert "".join(frame.content for frame in frames) == whole
        assert not any(frame.error for frame in frames)


async def test_exact_results_come_with_their_plan(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path), tools=True) as client:
        answer = await client.answer("What is 17 * 23?", model="moe-orchestrator-plan")
        assert answer.startswith("## Plan\n\n1. **tool calculate**: What is 17 \\* 23?\n\n## Answer\n\n")
        assert "391" in answer


async def test_a_checked_answer_keeps_its_plan(valkey_url: str, tmp_path: Path) -> None:
    medical = PipelineOptions(tasks=1, categories=("medical_consult",))
    script = (Rule(Reply(text="Never combine these two."), stage="critic"), *pipeline_script(medical))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        answer = await client.answer(QUESTION.format("m1"), model="moe-orchestrator-plan")
        assert answer.startswith("## Plan\n\n1. **medical consult**")
        assert "Never combine these two." in answer


@pytest.mark.parametrize(("options", "stage"), [(ONE, "expert"), (THREE, "judge")])
async def test_a_report_begins_with_a_heading_whoever_writes_it(
    options: PipelineOptions, stage: Stage, valkey_url: str, tmp_path: Path
) -> None:
    said = Reply(text="KEY_MESSAGE: x\nCONFIDENCE: high\nDETAILS: Pools should be bounded. They are not so yet, alas.")
    script = (Rule(said if stage == "expert" else HEADLESS, stage=stage), *pipeline_script(options))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        whole = await client.answer(QUESTION.format("r1"), model="moe-orchestrator-report")
        assert whole.startswith("# Report\n\nPools should be bounded.")
        frames = [frame async for frame in client.stream(QUESTION.format("r1"), model="moe-orchestrator-report")]
        assert "".join(frame.content for frame in frames) == whole


async def test_a_concise_answer_of_one_expert_has_four_sentences_at_most(valkey_url: str, tmp_path: Path) -> None:
    said = Reply(text=f"KEY_MESSAGE: x\nCONFIDENCE: high\nDETAILS: {SENTENCES}")
    script = (Rule(said, stage="expert"), *pipeline_script(ONE))
    async with ModelServer(script) as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        answer = await client.answer(QUESTION.format("c1"), model="moe-orchestrator-concise")
        assert answer.count(".") == 4


async def test_a_mode_is_told_to_experts_and_judge(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        await client.answer(QUESTION.format("t1"), model="moe-orchestrator-report")
        told = [call for call in models.calls if call.stage in {"expert", "judge"}]
        assert len(told) == 4
        assert all("heading that begins with ##" in call.messages[0].content for call in told)


async def test_research_is_no_mode_before_there_is_research(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        refused = await client.ask("Why?", model="moe-orchestrator-research")
        listed = (await client.http.get("/v1/models")).json()["data"]
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "model_not_found")
    assert "moe-orchestrator-research" not in [model["id"] for model in listed]


async def test_the_end_on_the_log_is_the_answer_with_its_plan(valkey_url: str, tmp_path: Path) -> None:
    async with ModelServer() as models, whole_fleet(_stores(models, valkey_url, tmp_path)) as client:
        whole = await client.answer(QUESTION.format("l1"), model="moe-orchestrator-plan")
        finished = client.events(AnswerFinished)[0]
        assert isinstance(finished, AnswerFinished)
        assert finished.text == whole
