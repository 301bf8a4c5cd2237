"""The sources of a plan: recogniser, rule, a model's answer, or the fallback."""

from dataclasses import dataclass

from libs.contracts.model_call import ModelCall
from libs.contracts.plan import PlannedPart, ToolCall
from libs.contracts.progress import PlanDrafted, PlanSource
from libs.contracts.question import Question
from services.planner.domain.jobs import Job, jobs_of, tool_call
from services.planner.domain.offer import CRITICAL, MAX_TASKS, Capabilities
from services.planner.domain.parts import parts_of
from services.planner.domain.reading import RawTask, read_tasks

UNREADABLE = "The planning model gave no plan that can be carried out; a general expert answers the whole question."
BROKEN_OFF = "The plan broke off; a general expert answers the whole question besides."


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts, their source, and the reason for a fallback or a broken-off plan, if any."""

    parts: tuple[PlannedPart, ...]
    source: PlanSource
    note: str = ""


def without_model(question: Question, calls: tuple[ToolCall, ...] | None, capabilities: Capabilities) -> Draft | None:
    """The plan that needs no model; None if a model must plan.

    It consists of recognised tool calls, or follows by rule from a mode that forces its experts or a small planning
    model.
    """
    known = tuple(call for call in calls or () if tool_call(call.tool, call.arguments, capabilities.tools))
    if calls and len(calls) == len(known) <= MAX_TASKS and question.mode != "code":
        return Draft(parts_of(tuple(Job(question.text, call=call) for call in known), capabilities), "recogniser")
    if forced := capabilities.forced(question.mode):
        return Draft(parts_of(tuple(Job(question.text, category) for category in forced), capabilities), "rule")
    return Draft(_one_general_part(question, capabilities), "rule") if capabilities.planner_is_small else None


def from_model(text: str, question: Question, capabilities: Capabilities, *, broken_off: bool) -> Draft:
    """The plan in a model's answer; after a broken-off answer, its complete tasks and the question itself."""
    tasks = read_tasks(text)
    is_cut = broken_off and 0 < len(tasks) < MAX_TASKS
    jobs = jobs_of((*tasks, RawTask(question.text, capabilities.default)) if is_cut else tasks, capabilities)
    if not jobs:
        return fallback(question, capabilities, UNREADABLE)
    return Draft(parts_of(jobs, capabilities), "model", BROKEN_OFF if is_cut else "")


def fallback(question: Question, capabilities: Capabilities, note: str) -> Draft:
    """The plan that always works: the whole question to a general expert."""
    return Draft(_one_general_part(question, capabilities), "fallback", note)


def plan_of(draft: Draft, capabilities: Capabilities, calls: tuple[ModelCall, ...]) -> PlanDrafted:
    categories = {part.category for part in draft.parts}
    thinks = capabilities.thinks and draft.source != "recogniser"  # exact results need no trace
    return PlanDrafted(
        parts=draft.parts,
        source=draft.source,
        critic=tuple(category for category in CRITICAL if category in categories),
        plain=not thinks and _is_plain(draft.parts, capabilities),
        note=draft.note,
        calls=calls,
        thinks=thinks,
    )


def _one_general_part(question: Question, capabilities: Capabilities) -> tuple[PlannedPart, ...]:
    return parts_of((Job(question.text, capabilities.default),), capabilities)


def _is_plain(parts: tuple[PlannedPart, ...], capabilities: Capabilities) -> bool:
    """True for one part whose model is small: its text is the answer."""
    return len(parts) == 1 and parts[0].category is not None and capabilities.is_plain(parts[0].category)
