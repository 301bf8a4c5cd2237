"""Handlers of both expert tiers.

The second tier follows an unconfident first tier; within a tier, the next model follows one that does not answer.
"""

from collections.abc import AsyncIterator
from typing import TypeVar

from libs.contracts.expert import AskExpert, AskExpertT1, AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.progress import CandidateOpened, PartCompleted
from libs.contracts.staffing import ModelRef
from libs.ports.llm import ModelRefused, ModelUnavailable
from libs.runtime.settings.model_catalogue import TierRefs
from services.expert_worker.domain.tiers import escalates
from services.expert_worker.expert_call import Deps, EmptyAnswer, ExpertCall

NO_ANSWER = (ModelUnavailable, ModelRefused, EmptyAnswer)
A = TypeVar("A", AskExpertT1, AskExpertT2)


async def answer_t1(
    event: AskExpertT1, deps: Deps
) -> AsyncIterator[CandidateOpened | PartCompleted | AskExpertT1 | AskExpertT2]:
    """Answer with a fast model; dispatch to the second tier if no model answers or the finding is not confident."""
    fast, large = _models(event, deps)
    answering = ExpertCall(event, _of_rank(event, fast), deps)
    try:
        async for opened in answering.run():
            yield opened.after(event)
        completed = answering.completed()
    except NO_ANSWER:
        follows = _next_of_tier(event, fast) or (_second_opinion(event, None) if large else None)
        if follows is None or answering.opened:
            raise
        yield follows
        return
    finding = completed.finding
    if finding is not None and escalates(finding, has_second=bool(large), opened=answering.opened):
        yield _second_opinion(event, finding)
    else:
        yield completed.after(event)


async def answer_t2(event: AskExpertT2, deps: Deps) -> AsyncIterator[CandidateOpened | PartCompleted | AskExpertT2]:
    """Answer with a large model; a more confident finding of the first tier stands."""
    fast, large = _models(event, deps)
    answering = ExpertCall(event, _of_rank(event, large or fast), deps)
    try:
        async for opened in answering.run():
            yield opened.after(event)
        completed = answering.completed(event.first)
    except NO_ANSWER:
        follows = _next_of_tier(event, large or fast)
        if follows is None or answering.opened:
            raise
        yield follows
        return
    yield completed.after(event)


def _of_rank(event: AskExpert, models: tuple[ModelRef, ...]) -> ModelRef:
    """The last model if the configuration has become shorter meanwhile."""
    return models[min(event.rank, len(models) - 1)]


def _next_of_tier(event: A, models: tuple[ModelRef, ...]) -> A | None:
    """The same command for the next model, None after the last."""
    rank = event.rank + 1
    return event.model_copy(update={"rank": rank}).after(event) if rank < len(models) else None


def _second_opinion(event: AskExpertT1, first: Finding | None) -> AskExpertT2:
    return AskExpertT2(
        part=event.part,
        question=event.question,
        category=event.category,
        task=event.task,
        context=event.context,
        candidate=event.candidate,
        plain=event.plain,
        role=event.role,
        preface=event.preface,
        first=first,
    ).after(event)


def _models(event: AskExpert, deps: Deps) -> TierRefs:
    """The models of both tiers: those that a template names for the category, else the configured ones."""
    if event.role is None or not event.role.fast:
        return deps.catalogue.experts(event.category)
    return event.role.fast, event.role.large
