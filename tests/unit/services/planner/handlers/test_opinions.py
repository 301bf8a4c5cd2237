"""Several models for one task, and a reasoning step: what a template adds to a plan."""

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PlanDrafted
from libs.contracts.staffing import ExpertRole, ModelRef, Staffing, StageRole
from libs.contracts.tool import RunTool
from libs.testing.fake_llm import FakeLLM
from services.planner.domain.offer import EXPERTS, Capabilities
from services.planner.handlers import draft_plan
from tests.support.planner.questions import CAPABILITIES, asked, deps, plan, task, tool_task

A, B, C, LARGE = (ModelRef(model=name, server="gpu-1") for name in ("a:7b", "b:8b", "c:9b", "d:70b"))
JURY = Staffing(experts={"science": ExpertRole(prompt="x", fast=(A,), large=(LARGE,), beside=(B, C))})
SMALL_JUDGE = Capabilities(judge_is_small=True, small_servers=frozenset({"tiny"}))
SUM = ToolCall(tool="calculate", arguments={"expression": "1+1"})
Commands = list[AskExpertT1 | AskExpertT2 | RunTool]


async def drafted(
    said: str,
    staffing: Staffing,
    capabilities: Capabilities = CAPABILITIES,
    recognised: tuple[ToolCall, ...] | None = None,
) -> tuple[PlanDrafted, Commands]:
    event = asked().model_copy(update={"staffing": staffing}).bound(asked().envelope)
    first, *commands = await draft_plan(event, deps(FakeLLM(said), capabilities, recognised))
    assert isinstance(first, PlanDrafted)
    return first, [command for command in commands if isinstance(command, (AskExpertT1, AskExpertT2, RunTool))]


async def test_each_model_that_always_answers_has_a_part_of_its_own() -> None:
    made, commands = await drafted(plan(task("Explain.")), JURY)
    assert [(part.task, part.category, part.model) for part in made.parts] == [
        ("Explain.", "science", None),
        ("Explain.", "science", B),
        ("Explain.", "science", C),
    ]
    assert len({part.id for part in made.parts}) == 3
    asked_of = [command.role for command in commands if isinstance(command, AskExpertT1)]
    assert asked_of == [
        ExpertRole(prompt="x", fast=(A,), large=(LARGE,)),
        ExpertRole(prompt="x", fast=(B,)),
        ExpertRole(prompt="x", fast=(C,)),
    ]


async def test_none_of_several_opinions_is_a_candidate() -> None:
    _, commands = await drafted(plan(task("Explain.")), JURY)
    assert [command.candidate for command in commands if isinstance(command, AskExpertT1)] == [False] * 3


async def test_who_needs_a_task_needs_every_opinion_on_it() -> None:
    said = plan(task("Find.", id="t1"), task("Prove.", "math", id="t2", needs=["t1"]))
    made, commands = await drafted(said, Staffing(experts={**JURY.experts, "math": ExpertRole()}))
    *opinions, last = made.parts
    assert (last.category, last.needs) == ("math", tuple(part.id for part in opinions))
    assert len(commands) == 3


async def test_tools_and_other_categories_have_one_part() -> None:
    said = plan(tool_task(), task("Prove.", "math"))
    made, _ = await drafted(said, Staffing(experts={**JURY.experts, "math": ExpertRole()}))
    assert [(part.kind, part.category) for part in made.parts] == [("tool", None), ("expert", "math")]


async def test_one_model_answers_where_the_judge_could_not_merge() -> None:
    made, _ = await drafted(plan(task("Explain.")), JURY, SMALL_JUDGE)
    assert [part.model for part in made.parts] == [None]


async def test_a_template_can_bring_the_judge_that_merges() -> None:
    made, _ = await drafted(plan(task("Explain.")), JURY.model_copy(update={"judge": StageRole(model=A)}), SMALL_JUDGE)
    assert len(made.parts) == 3


async def test_a_plan_thinks_where_its_template_says_so() -> None:
    made, (command,) = await drafted(plan(task("Explain.")), Staffing(force_think=True))
    assert made.thinks
    assert isinstance(command, AskExpertT1)
    assert not command.candidate
    assert not (await drafted(plan(task("Explain.")), Staffing()))[0].thinks


async def test_exact_results_alone_leave_nothing_to_think_about() -> None:
    made, _ = await drafted("", Staffing(force_think=True), recognised=(SUM,))
    assert (made.source, made.thinks) == ("recogniser", False)


async def test_a_small_judge_does_not_think() -> None:
    made, _ = await drafted(plan(task("Explain.")), Staffing(force_think=True), SMALL_JUDGE)
    assert not made.thinks


async def test_what_a_small_model_says_is_thought_over_by_a_judge_that_can() -> None:
    tiny = Capabilities(small=frozenset(EXPERTS), planner_is_small=True, small_servers=frozenset({"tiny"}))
    made, _ = await drafted("", Staffing(force_think=True), tiny)
    assert (made.source, made.thinks, made.plain) == ("rule", True, False)
