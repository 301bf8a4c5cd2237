"""Parts that experts answer."""

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.part_source import PartBrief, PartSource
from libs.contracts.plan import PlannedPart
from libs.contracts.plan_section import preface_of
from libs.contracts.progress import PlanDrafted
from libs.contracts.staffing import ExpertRole, Staffing


def ask_expert(part: PlannedPart, brief: PartBrief) -> AskExpertT1 | AskExpertT2:
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


def is_candidate(plan: PlanDrafted) -> bool:
    """Whether the one part of a plan may become the whole answer: unchecked, unmerged and without a trace."""
    return len(plan.parts) == 1 and plan.parts[0].kind == SOURCE.kind and not (plan.critic or plan.thinks)


def _role_of(part: PlannedPart, staffing: Staffing | None) -> ExpertRole | None:
    """The template's role for the category of a part; an opinion of its own has no second tier."""
    role = staffing.role_of(part.category or "general") if staffing is not None else None
    if role is None or not (role.beside or part.model):
        return role
    if part.model is None:
        return role.model_copy(update={"beside": ()})
    return role.model_copy(update={"fast": (part.model,), "large": (), "beside": ()})


SOURCE = PartSource("expert", 30, "expert-worker", (AskExpertT1, AskExpertT2), ask_expert)
