"""Effects of modes and expert templates on a plan."""

import json

import pytest

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.finding import Category
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Mode, Question
from libs.contracts.staffing import ExpertRole, ModelRef, Staffing, StageRole
from libs.contracts.tool import RunTool
from libs.testing.fake_llm import FakeLLM
from services.planner.domain.offer import EXPERTS, TOOLS, Capabilities, with_staffing
from services.planner.handlers import draft_plan
from tests.support.planner.questions import CAPABILITIES, PLANNER, QUESTION, asked, deps, plan, task, tool_task

TINY = Capabilities(small=frozenset(EXPERTS), planner_is_small=True, small_servers=frozenset({"tiny"}))
FAST, LARGE, SMALL = (ModelRef(model="m", server=server) for server in ("gpu-1", "gpu-2", "tiny"))
SUM = ToolCall(tool="calculate", arguments={"expression": "1+1"})


def in_mode(mode: Mode) -> Question:
    return QUESTION.model_copy(update={"mode": mode})


async def drafted(
    llm: FakeLLM,
    question: Question = QUESTION,
    staffing: Staffing | None = None,
    capabilities: Capabilities = CAPABILITIES,
) -> tuple[PlanDrafted, list[AskExpertT1 | AskExpertT2 | RunTool]]:
    event = asked(question).model_copy(update={"staffing": staffing}).bound(asked(question).envelope)
    first, *commands = await draft_plan(event, deps(llm, capabilities))
    assert isinstance(first, PlanDrafted)
    return first, [command for command in commands if isinstance(command, (AskExpertT1, AskExpertT2, RunTool))]


async def test_agents_get_code_and_technology_whatever_a_planner_would_say() -> None:
    llm = FakeLLM(plan(task("Sing.", "creative_writer")))
    made, _ = await drafted(llm, in_mode("agent"))
    assert [part.category for part in made.parts] == ["code_reviewer", "technical_support"]
    assert {part.task for part in made.parts} == {QUESTION.text}
    assert (made.source, llm.requests) == ("rule", [])


async def test_agents_get_one_part_where_no_model_could_merge_two() -> None:
    made, _ = await drafted(FakeLLM(), in_mode("agent"), capabilities=TINY)
    assert [part.category for part in made.parts] == ["code_reviewer"]
    assert made.plain


async def test_agents_of_a_template_without_their_experts_ask_the_ones_that_it_has() -> None:
    made, _ = await drafted(FakeLLM(), in_mode("agent"), Staffing(experts={"science": ExpertRole()}))
    assert [part.category for part in made.parts] == ["science"]


@pytest.mark.parametrize("mode", ["agent_orchestrated", "plan", "report"])
async def test_the_other_modes_are_planned_by_the_model(mode: Mode) -> None:
    made, _ = await drafted(FakeLLM(plan(task("Explain."), task("Prove.", "math"))), in_mode(mode))
    assert [part.category for part in made.parts] == ["science", "math"]


async def test_the_plan_of_a_single_expert_stands_before_its_text_where_it_was_asked_for() -> None:
    _, (ask,) = await drafted(FakeLLM(plan(task("Explain."))), in_mode("plan"))
    assert isinstance(ask, AskExpertT1)
    assert ask.preface == "## Plan\n\n1. **science**: Explain.\n\n## Answer\n\n"
    _, (ask,) = await drafted(FakeLLM(plan(task("Explain."))))
    assert isinstance(ask, AskExpertT1)
    assert ask.preface == ""


async def test_a_template_names_the_planner_and_adds_to_its_rules() -> None:
    llm = FakeLLM(plan(task("Explain.")), plan(task("Explain.")))
    office = StageRole(prompt="Prefer one task.", model=ModelRef(model="qwen3:32b", server="gpu-7"))
    await drafted(llm, staffing=Staffing(planner=office))
    await drafted(llm)
    named, configured = llm.requests
    assert (named.ref, configured.ref) == (ModelRef(model="qwen3:32b", server="gpu-7"), PLANNER)
    assert named.messages[0].content.endswith("Prefer one task.")
    assert "Prefer one task." not in configured.messages[0].content


async def test_only_the_experts_of_a_template_are_offered_and_asked() -> None:
    llm = FakeLLM(plan(task("Explain.", "math"), task("Judge.", "legal_advisor")))
    roles: dict[Category, ExpertRole] = {"science": ExpertRole(), "legal_advisor": ExpertRole(prompt="BGB only.")}
    made, commands = await drafted(llm, staffing=Staffing(experts=roles))
    assert [part.category for part in made.parts] == ["legal_advisor", "legal_advisor"]
    offered = llm.requests[0].messages[0].content
    assert "- science:" in offered
    assert "- math:" not in offered
    assert "math" not in json.dumps(llm.requests[0].json_schema)
    assert [command.role for command in commands if isinstance(command, AskExpertT1)] == [roles["legal_advisor"]] * 2


async def test_only_the_tools_of_a_template_are_offered_and_run() -> None:
    llm = FakeLLM(plan(tool_task()))
    made, _ = await drafted(llm, staffing=Staffing(tools=("date_diff",)))
    assert [part.kind for part in made.parts] == ["expert"]
    assert "date_diff(" in llm.requests[0].messages[0].content
    assert "calculate(" not in llm.requests[0].messages[0].content


async def test_a_recognised_tool_that_is_not_permitted_is_not_run() -> None:
    event = asked().model_copy(update={"staffing": Staffing(tools=())}).bound(asked().envelope)
    first, *_ = await draft_plan(event, deps(FakeLLM(plan(task("Explain."))), recognised=(SUM,)))
    assert isinstance(first, PlanDrafted)
    assert (first.source, first.parts[0].kind) == ("model", "expert")


async def test_nothing_is_offered_besides_experts_where_no_tool_is_permitted() -> None:
    llm = FakeLLM(plan(task("Explain.")))
    await drafted(llm, staffing=Staffing(tools=()))
    assert not any(f"{tool.name}(" in llm.requests[0].messages[0].content for tool in TOOLS)


def test_without_a_template_the_defaults_stay() -> None:
    assert with_staffing(CAPABILITIES, None) is CAPABILITIES


def test_a_template_decides_about_the_tiers_of_the_categories_that_it_names_models_for() -> None:
    defaults = Capabilities(large=frozenset({"reasoning", "math"}))
    roles: dict[Category, ExpertRole] = {
        "reasoning": ExpertRole(fast=(FAST,)),
        "science": ExpertRole(fast=(FAST,), large=(LARGE,)),
        "math": ExpertRole(prompt="as configured"),
    }
    made = with_staffing(defaults, Staffing(experts=roles))
    assert made.large == {"science", "math"}


def test_a_model_on_a_small_server_is_small() -> None:
    defaults = Capabilities(small_servers=frozenset({"tiny"}))
    made = with_staffing(
        defaults, Staffing(planner=StageRole(model=SMALL), experts={"science": ExpertRole(fast=(SMALL,))})
    )
    assert made.planner_is_small
    assert made.small == {"science"}


def test_a_template_can_bring_a_planner_to_small_models() -> None:
    made = with_staffing(TINY, Staffing(planner=StageRole(model=LARGE), experts={"science": ExpertRole(fast=(FAST,))}))
    assert (made.planner_is_small, "science" in made.small) == (False, False)
