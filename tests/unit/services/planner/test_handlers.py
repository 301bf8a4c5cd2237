from dataclasses import replace

import pytest

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.model_call import Usage
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question
from libs.contracts.tool import RunTool
from libs.core.errors import FleetError
from libs.ports.llm import ModelRefused, ModelUnavailable, StreamBroken
from libs.testing.fake_llm import Answer, FakeLLM
from services.planner.domain.offer import Capabilities
from services.planner.handlers import MAX_PLAN_TOKENS, Deps, draft_plan
from tests.support.planner.questions import (
    DEADLINE,
    NOW,
    PLANNER,
    QUESTION,
    asked,
    broken_off,
    deps,
    plan,
    small,
    task,
    tool_task,
)

BROADCAST = ToolCall(tool="subnet_calc", arguments={"cidr": "172.20.128.0/19"}, focus="broadcast")
SUM = ToolCall(tool="calculate", arguments={"expression": "1+1"})
Commands = list[AskExpertT1 | AskExpertT2 | RunTool]


async def drafted(given: Deps, question: Question = QUESTION) -> tuple[PlanDrafted, Commands]:
    first, *commands = await draft_plan(asked(question), given)
    assert isinstance(first, PlanDrafted)
    return first, [command for command in commands if isinstance(command, (AskExpertT1, AskExpertT2, RunTool))]


async def test_a_plan_is_drafted_and_its_first_commands_are_given() -> None:
    llm = FakeLLM(plan(task("Explain pools."), tool_task()))
    made, (expert, tool) = await drafted(deps(llm))
    assert made.source == "model"
    assert isinstance(expert, AskExpertT1)
    assert (expert.part, expert.category, expert.task) == (made.parts[0].id, "science", "Explain pools.")
    assert (expert.question, expert.candidate, expert.plain) == (QUESTION, False, False)
    assert isinstance(tool, RunTool)
    assert (tool.part, tool.call) == (made.parts[1].id, made.parts[1].call)


async def test_parts_that_need_others_wait() -> None:
    made, commands = await drafted(deps(FakeLLM(plan(task("A.", id="a"), task("B.", needs=["a"])))))
    assert [command.part for command in commands] == [made.parts[0].id]


async def test_the_parts_are_due_before_the_time_that_merging_needs() -> None:
    made, (command,) = await drafted(deps(FakeLLM(plan(task("Explain.")))))
    assert made.envelope.deadline_at == DEADLINE
    assert command.envelope.deadline_at == DEADLINE - (DEADLINE - NOW) / 4


async def test_a_single_expert_may_become_the_whole_answer() -> None:
    _, (command,) = await drafted(deps(FakeLLM(plan(task("Explain.")))))
    assert isinstance(command, AskExpertT1)
    assert command.candidate


async def test_what_a_critic_has_to_read_is_no_candidate() -> None:
    _, (command,) = await drafted(deps(FakeLLM(plan(task("Advise.", "legal_advisor")))))
    assert isinstance(command, AskExpertT1)
    assert not command.candidate


async def test_reasoning_goes_straight_to_a_large_model() -> None:
    given = deps(FakeLLM(plan(task("Weigh it.", "reasoning"))), Capabilities(large=frozenset({"reasoning"})))
    _, (command,) = await drafted(given)
    assert isinstance(command, AskExpertT2)
    assert command.first is None


async def test_recognised_tool_calls_need_no_model() -> None:
    made, commands = await drafted(deps(FakeLLM(), recognised=(BROADCAST, SUM)))
    assert (made.source, made.calls) == ("recogniser", ())
    calls = [command.call for command in commands if isinstance(command, RunTool)]
    assert calls == [BROADCAST, SUM]
    assert len({part.id for part in made.parts}) == 2


async def test_recognised_tool_calls_beat_the_rule_for_small_models() -> None:
    made, _ = await drafted(deps(FakeLLM(), small(), (SUM,)))
    assert made.source == "recogniser"


@pytest.mark.parametrize("recognised", [(), (SUM,) * 5, (ToolCall(tool="launch_rocket", arguments={}),)])
async def test_what_is_not_recognised_for_sure_goes_to_the_model(recognised: tuple[ToolCall, ...]) -> None:
    made, _ = await drafted(deps(FakeLLM(plan(task("Explain."))), recognised=recognised))
    assert made.source == "model"


async def test_code_mode_wants_the_program_and_not_the_number() -> None:
    question = QUESTION.model_copy(update={"mode": "code"})
    made, _ = await drafted(deps(FakeLLM(plan(task("Write it."))), recognised=(SUM,)), question)
    assert made.source == "model"


async def test_a_small_planner_is_never_asked() -> None:
    made, (command,) = await drafted(deps(FakeLLM(), small()))
    assert (made.source, made.plain, made.calls) == ("rule", True, ())
    assert isinstance(command, AskExpertT1)
    assert (command.category, command.task, command.candidate, command.plain) == ("general", QUESTION.text, True, True)


async def test_a_small_planner_with_a_large_expert_is_not_plain() -> None:
    made, _ = await drafted(deps(FakeLLM(), Capabilities(planner_is_small=True)))
    assert (made.source, made.plain) == ("rule", False)


@pytest.mark.parametrize("error", [ModelUnavailable("away"), ModelRefused("no such model"), StreamBroken("cut")])
async def test_a_planner_that_fails_leaves_the_question_to_an_expert(error: FleetError) -> None:
    made, (command,) = await drafted(deps(FakeLLM(Answer(error=error))))
    assert (made.source, made.calls) == ("fallback", ())
    assert error.code in made.note
    assert isinstance(command, AskExpertT1)
    assert (command.category, command.task, command.candidate) == ("general", QUESTION.text, True)


async def test_a_plan_that_broke_off_keeps_its_complete_tasks() -> None:
    made, commands = await drafted(deps(FakeLLM(broken_off(plan(task("Explain pools."), task("Exp"))[:-9]))))
    assert [part.task for part in made.parts] == ["Explain pools.", QUESTION.text]
    assert len(commands) == 2


async def test_the_planning_call_is_recorded() -> None:
    made, _ = await drafted(deps(FakeLLM("no plan")))
    assert made.source == "fallback"
    (call,) = made.calls
    assert (call.stage, call.model, call.server) == ("planner", "phi4:14b", "gpu-1")
    assert call.usage == Usage(prompt_tokens=10, completion_tokens=5)


async def test_the_planner_is_asked_for_constrained_json() -> None:
    llm = FakeLLM(plan(task("Explain.")))
    await drafted(deps(llm))
    (request,) = llm.requests
    assert (request.ref, request.max_tokens, request.temperature) == (PLANNER, MAX_PLAN_TOKENS, 0.0)
    assert request.json_schema is not None
    assert request.json_schema["title"] == "plan"


async def test_planning_takes_at_most_a_third_of_the_time_that_is_left() -> None:
    llm = FakeLLM(plan(task("Explain.")), plan(task("Explain.")))
    await drafted(deps(llm))
    await drafted(replace(deps(llm), timeout_s=7))
    assert [request.timeout_s for request in llm.requests] == [pytest.approx((DEADLINE - NOW) / 3), 7]


async def test_drafting_twice_gives_the_same_parts() -> None:
    given = deps(FakeLLM(*[plan(task("Explain."), tool_task())] * 2))
    first, second = await drafted(given), await drafted(given)
    assert first[0].parts == second[0].parts
    assert first[0].envelope.event_id == second[0].envelope.event_id
