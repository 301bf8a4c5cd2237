"""The command that starts a planned part: the planner says it for parts that need nothing, the join for the others."""

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.plan import PlannedPart
from libs.contracts.plan_section import preface_of
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question
from libs.contracts.staffing import ExpertRole, Staffing
from libs.contracts.tool import RunTool

PartCommand = AskExpertT1 | AskExpertT2 | RunTool


def command_of(
    part: PlannedPart, plan: PlanDrafted, question: Question, staffing: Staffing | None = None, context: str = ""
) -> PartCommand:
    """Return the command of one part; `context` holds the results of the parts that it needs."""
    if part.call is not None:
        tools = staffing.tools if staffing is not None else None
        return RunTool(part=part.id, call=part.call, language=question.language, tools=tools)
    tier = AskExpertT2 if part.tier == "T2" else AskExpertT1
    category, candidate = part.category or "general", is_candidate(plan)
    return tier(
        part=part.id,
        question=question,
        category=category,
        task=part.task,
        context=context,
        candidate=candidate,
        plain=plan.plain,
        role=_role_of(part, staffing),
        preface=preface_of(plan.parts, question) if candidate else "",
    )


def is_candidate(plan: PlanDrafted) -> bool:
    """Return whether the one part of a plan may become the whole answer: unchecked, unmerged and not weighed."""
    return len(plan.parts) == 1 and plan.parts[0].kind == "expert" and not (plan.critic or plan.thinks)


def _role_of(part: PlannedPart, staffing: Staffing | None) -> ExpertRole | None:
    """Return what a template says about the part's category; an opinion of its own has no second tier."""
    role = staffing.role_of(part.category or "general") if staffing is not None else None
    if role is None or not (role.beside or part.model):
        return role
    if part.model is None:
        return role.model_copy(update={"beside": ()})
    return role.model_copy(update={"fast": (part.model,), "large": (), "beside": ()})
