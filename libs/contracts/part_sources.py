"""Sources of parts: one row a kind of part. Planner, join, catalogue and failures read this table."""

from collections.abc import Callable
from dataclasses import dataclass

from libs.contracts.answer import WriteTrace
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message, PartMessage
from libs.contracts.plan import PlannedPart
from libs.contracts.plan_section import preface_of
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question
from libs.contracts.staffing import ExpertRole, Staffing
from libs.contracts.tool import RunTool

PartCommand = AskExpertT1 | AskExpertT2 | RunTool


@dataclass(frozen=True, slots=True)
class PartBrief:
    """The request of a planned part. `context` holds the results of the parts that it needs."""

    plan: PlanDrafted
    question: Question
    staffing: Staffing | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class PartSource:
    """One kind of part. Results with a lower `rank` come first; `service` consumes the commands.

    `build` makes the command of a planned part; None if plans hold no such part.
    """

    kind: str
    rank: int
    service: str
    commands: tuple[type[PartMessage], ...]
    build: Callable[[PlannedPart, PartBrief], PartCommand] | None = None


def ask_expert(part: PlannedPart, brief: PartBrief) -> PartCommand:
    plan, question = brief.plan, brief.question
    tier = AskExpertT2 if part.tier == "T2" else AskExpertT1
    candidate = is_candidate(plan)
    return tier(
        part=part.id,
        question=question,
        category=part.category or "general",
        task=part.task,
        context=brief.context,
        candidate=candidate,
        plain=plan.plain,
        role=_role_of(part, brief.staffing),
        preface=preface_of(plan.parts, question) if candidate else "",
    )


def run_tool(part: PlannedPart, brief: PartBrief) -> PartCommand:
    if part.call is None:
        return ask_expert(part, brief)
    tools = brief.staffing.tools if brief.staffing is not None else None
    return RunTool(part=part.id, call=part.call, language=brief.question.language, tools=tools)


def is_candidate(plan: PlanDrafted) -> bool:
    """Whether the one part of a plan may become the whole answer: unchecked, unmerged and without a trace."""
    return len(plan.parts) == 1 and plan.parts[0].kind == EXPERT.kind and not (plan.critic or plan.thinks)


def _role_of(part: PlannedPart, staffing: Staffing | None) -> ExpertRole | None:
    """The template's role for the category of a part; an opinion of its own has no second tier."""
    role = staffing.role_of(part.category or "general") if staffing is not None else None
    if role is None or not (role.beside or part.model):
        return role
    if part.model is None:
        return role.model_copy(update={"beside": ()})
    return role.model_copy(update={"fast": (part.model,), "large": (), "beside": ()})


EXPERT = PartSource("expert", 30, "expert-worker", (AskExpertT1, AskExpertT2), ask_expert)
TOOL = PartSource("tool", 10, "mcp", (RunTool,), run_tool)
TRACE = PartSource("trace", 0, "merger", (WriteTrace,))
PART_SOURCES: tuple[PartSource, ...] = (EXPERT, TOOL, TRACE)
PLANNED_COMMANDS = tuple(command for source in PART_SOURCES if source.build for command in source.commands)
_BY_KIND = {source.kind: source for source in PART_SOURCES}
_BY_COMMAND: dict[type[Message], PartSource] = {
    command: source for source in PART_SOURCES for command in source.commands
}


def source_of(kind: str) -> PartSource:
    """Raises KeyError for an unknown kind; messages hold known kinds only."""
    return _BY_KIND[kind]


def source_of_command(message: Message) -> PartSource | None:
    """The source that a command asks for its part; None for any other message."""
    return _BY_COMMAND.get(type(message))


def is_kind(name: str) -> bool:
    return name in _BY_KIND


def kinds() -> tuple[str, ...]:
    """The names of all kinds, in alphabetical order."""
    return tuple(sorted(_BY_KIND))


def command_of(part: PlannedPart, brief: PartBrief) -> PartCommand:
    """The command of one planned part. An expert gets the task of a part that no other source can build."""
    build = source_of(part.kind).build or ask_expert  # a plan on the log must not stop the join
    return build(part, brief)
