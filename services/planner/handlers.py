"""Handler of the planner: draft a plan for a question."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from libs.contracts.message import PartMessage
from libs.contracts.model_call import ModelCall
from libs.contracts.part_source import PartBrief
from libs.contracts.part_sources import command_of
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.staffing import ModelRef, StageRole
from libs.contracts.tool_catalogue import OfferedTool
from libs.core.clock import Clock
from libs.core.deadlines import parts_due_at
from libs.ports.llm import LLM, ModelRefused, ModelRequest, ModelUnavailable, StreamBroken
from libs.ports.model_calls import record_call
from services.planner.domain.draft import Draft, fallback, from_model, plan_of, without_model
from services.planner.domain.offer import Capabilities, with_staffing
from services.planner.domain.prompt import plan_schema, render

MAX_PLAN_TOKENS = 2048
LARGEST_SHARE = 1 / 3  # of the remaining time; the parts and the answer need the rest
MIN_TIMEOUT_S = 0.1
NO_PLANNER = "The planning model did not answer ({code}); a general expert answers the whole question."


@dataclass(frozen=True)
class Deps:
    """`template` is the prompt, `timeout_s` bounds the planning call, in seconds.

    `recognise` finds tool calls in a question; `shortlist` selects the tools that the planning prompt offers.
    """

    llm: LLM
    planner: ModelRef
    capabilities: Capabilities
    template: str
    recognise: Callable[[str], tuple[ToolCall, ...] | None]
    shortlist: Callable[[str, tuple[OfferedTool, ...]], tuple[OfferedTool, ...]]
    clock: Clock
    timeout_s: float


async def draft_plan(event: QuestionAsked, deps: Deps) -> tuple[PlanDrafted | PartMessage, ...]:
    """Publish the plan and the first commands: those of parts that need no other part."""
    calls: tuple[ModelCall, ...] = ()
    capabilities = with_staffing(deps.capabilities, event.staffing)
    draft = without_model(event.question, deps.recognise(event.question.text), capabilities)
    if draft is None:
        draft, calls = await _call_planner(event, _offer_for(event.question, capabilities, deps), deps)
    plan = plan_of(draft, capabilities, calls)
    due_at = parts_due_at(deps.clock.now(), event.envelope.deadline_at)
    brief = PartBrief(plan, event.question, event.staffing)
    first = (command_of(part, brief) for part in plan.parts if not part.needs)
    return plan.after(event), *(command.after(event, deadline_at=due_at) for command in first)


def _offer_for(question: Question, capabilities: Capabilities, deps: Deps) -> Capabilities:
    """The shortlisted tools; a follow-up question that matches none is matched together with the turn before it."""
    tools = deps.shortlist(question.text, capabilities.tools)
    if not tools and question.history:
        tools = deps.shortlist(f"{question.history[-1].text}\n{question.text}", capabilities.tools)
    return replace(capabilities, tools=tools)


async def _call_planner(
    event: QuestionAsked, capabilities: Capabilities, deps: Deps
) -> tuple[Draft, tuple[ModelCall, ...]]:
    """A failed planning call still gets an answer: the expert's model may run on another server."""
    request = _request(event, capabilities, deps)
    try:
        completion = await deps.llm.complete(request)
    except (ModelUnavailable, ModelRefused, StreamBroken) as error:
        return fallback(event.question, capabilities, NO_PLANNER.format(code=error.code)), ()
    broken_off = completion.finish_reason != "stop"
    draft = from_model(completion.text, event.question, capabilities, broken_off=broken_off)
    return draft, (record_call(request, completion),)


def _request(event: QuestionAsked, capabilities: Capabilities, deps: Deps) -> ModelRequest:
    left_s = event.envelope.deadline_at - deps.clock.now()
    office = event.staffing.planner if event.staffing is not None else StageRole()
    return ModelRequest(
        ref=office.model or deps.planner,
        messages=render(event.question, deps.template, capabilities, office),
        timeout_s=max(MIN_TIMEOUT_S, min(deps.timeout_s, left_s * LARGEST_SHARE)),
        max_tokens=MAX_PLAN_TOKENS,
        temperature=0.0,
        json_schema=plan_schema(capabilities),
        stage="planner",
    )
