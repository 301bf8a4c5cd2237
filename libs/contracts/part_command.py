"""The command that starts a planned part: the planner says it for parts that need nothing, the join for the others."""

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question
from libs.contracts.tool import RunTool

PartCommand = AskExpertT1 | AskExpertT2 | RunTool


def command_of(part: PlannedPart, plan: PlanDrafted, question: Question, context: str = "") -> PartCommand:
    """Return the command of one part; `context` holds the results of the parts that it needs."""
    if part.call is not None:
        return RunTool(part=part.id, call=part.call, language=question.language)
    tier = AskExpertT2 if part.tier == "T2" else AskExpertT1
    return tier(
        part=part.id,
        question=question,
        category=part.category or "general",
        task=part.task,
        context=context,
        candidate=is_candidate(plan),
        plain=plan.plain,
    )


def is_candidate(plan: PlanDrafted) -> bool:
    """Return whether the one part of a plan may become the whole answer, unchecked and unmerged."""
    return len(plan.parts) == 1 and plan.parts[0].kind == "expert" and not plan.critic
