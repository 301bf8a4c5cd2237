"""Ask an expert of the first tier, and one of the second where the first is not sure."""

from collections.abc import AsyncIterator

from libs.adapters.model_catalogue import TierRefs
from libs.contracts.expert import AskExpert, AskExpertT1, AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.progress import CandidateOpened, PartCompleted
from libs.contracts.staffing import ModelAt
from libs.ports.llm import ModelRef, ModelRefused, ModelUnavailable
from services.expert_worker.answering import Answering, Deps, EmptyAnswer
from services.expert_worker.domain.tiers import escalates


async def answer_t1(event: AskExpertT1, deps: Deps) -> AsyncIterator[CandidateOpened | PartCompleted | AskExpertT2]:
    """Answer with a fast model; hand over to the second tier if it fails or is not confident."""
    fast, large = _models(event, deps)
    answering = Answering(event, fast[0], deps)
    try:
        async for opened in answering.run():
            yield opened.after(event)
        completed = answering.completed()
    except (ModelUnavailable, ModelRefused, EmptyAnswer):
        if not large or answering.opened:
            raise
        yield _second_opinion(event, None)
        return
    finding = completed.finding
    if finding is not None and escalates(finding, has_second=bool(large), opened=answering.opened):
        yield _second_opinion(event, finding)
    else:
        yield completed.after(event)


async def answer_t2(event: AskExpertT2, deps: Deps) -> AsyncIterator[CandidateOpened | PartCompleted]:
    """Answer with a large model; the first tier's finding stands where it is the more confident one."""
    fast, large = _models(event, deps)
    answering = Answering(event, (large or fast)[0], deps)
    async for opened in answering.run():
        yield opened.after(event)
    yield answering.completed(event.first).after(event)


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
    """Return the models of both tiers: those that a template names for the category, else the configured ones."""
    if event.role is None or not event.role.fast:
        return deps.catalogue.experts(event.category)
    return _refs(event.role.fast), _refs(event.role.large)


def _refs(models: tuple[ModelAt, ...]) -> tuple[ModelRef, ...]:
    return tuple(ModelRef(each.model, each.server) for each in models)
