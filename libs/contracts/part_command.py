"""The command that starts a planned part: the planner says it for parts that need nothing, the join for the others."""

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.plan import PlannedPart
from libs.contracts.plan_section import preface_of
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question
from libs.contracts.staffing import Staffing
from libs.contracts.tool import RunTool

PartCommand = AskExpertT1 | AskExpertT2 | RunTool


def command_of(
    part: PlannedPart, plan: PlanDrafted, question: Question, staffing: Staffing | None = None, context: str = ""
) -> PartCommand:
    """Return the command of one part; `context` holds the results of the parts that it needs."""
    if part.call is not None:
        return RunTool(part=part.id, call=part.call, language=question.language)
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
        role=staffing.role_of(category) if staffing is not None else None,
        preface=preface_of(plan.parts, question) if candidate else "",
    )


def is_candidate(plan: PlanDrafted) -> bool:
    """Return whether the one part of a plan may become the whole answer, unchecked and unmerged."""
    return len(plan.parts) == 1 and plan.parts[0].kind == "expert" and not plan.critic
