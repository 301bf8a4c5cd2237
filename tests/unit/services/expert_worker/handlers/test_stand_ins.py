"""Several models of one tier: the next one answers where the one before does not."""

import pytest

from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message
from libs.contracts.progress import PartCompleted
from libs.contracts.staffing import ExpertRole, ModelRef
from libs.core.errors import FleetError
from libs.ports.llm import ModelRefused, ModelUnavailable
from libs.runtime.settings.model_catalogue import ModelCatalogue
from libs.testing.fake_llm import Answer, FakeLLM
from services.expert_worker.handlers import answer_t1, answer_t2
from tests.support.expert_worker import as_t2, ask_t1, catalogue, deps, kept

A, B, C, D = (ModelRef(model=name, server="gpu-1") for name in ("a:7b", "b:8b", "c:70b", "d:72b"))
ROLE = ExpertRole(fast=(A, B), large=(C, D))
AWAY = ModelUnavailable("away")


def t1(rank: int = 0, role: ExpertRole = ROLE) -> AskExpertT1:
    return ask_t1().model_copy(update={"role": role, "rank": rank}).bound(ask_t1().envelope)


def t2(rank: int = 0) -> AskExpertT2:
    return as_t2(t1(rank))


async def said(event: AskExpertT1 | AskExpertT2, llm: FakeLLM, models: ModelCatalogue | None = None) -> Message:
    handler = (
        answer_t1(event, deps(llm, models)) if isinstance(event, AskExpertT1) else answer_t2(event, deps(llm, models))
    )
    (only,) = [message async for message in handler]
    return only


@pytest.mark.parametrize("error", [AWAY, ModelRefused("no")])
async def test_a_model_that_does_not_answer_leaves_it_to_the_next_of_its_tier(error: FleetError) -> None:
    for event in (t1(), t2()):
        follows = await said(event, FakeLLM(Answer(error=error)))
        assert isinstance(follows, type(event))
        assert follows.rank == 1
        assert follows.envelope.event_id != event.after(event).envelope.event_id


async def test_a_model_that_says_nothing_leaves_it_to_the_next() -> None:
    assert isinstance(await said(t1(), FakeLLM("  ")), AskExpertT1)


async def test_the_next_one_is_asked_the_same() -> None:
    llm = FakeLLM(kept())
    end = await said(t1(rank=1), llm)
    assert isinstance(end, PartCompleted)
    assert [request.ref for request in llm.requests] == [ModelRef(model="b:8b", server="gpu-1")]


async def test_after_the_last_of_the_first_tier_the_second_begins_with_its_first() -> None:
    follows = await said(t1(rank=1), FakeLLM(Answer(error=AWAY)))
    assert isinstance(follows, AskExpertT2)
    assert follows.rank == 0


async def test_after_the_last_of_all_the_failure_goes_to_the_runtime() -> None:
    with pytest.raises(ModelUnavailable):
        await said(t2(rank=1), FakeLLM(Answer(error=AWAY)))
    with pytest.raises(ModelUnavailable):
        await said(t1(rank=1, role=ExpertRole(fast=(A, B))), FakeLLM(Answer(error=AWAY)))


async def test_who_is_not_sure_asks_the_second_tier_and_nobody_of_its_own() -> None:
    assert isinstance(await said(t1(), FakeLLM(kept("medium"))), AskExpertT2)
    assert isinstance(await said(t2(), FakeLLM(kept("medium"))), PartCompleted)


async def test_the_first_tiers_finding_goes_along_to_the_next_of_the_second() -> None:
    unsure = await said(t1(), FakeLLM(kept("medium")))
    assert isinstance(unsure, AskExpertT2)
    follows = await said(unsure, FakeLLM(Answer(error=AWAY)))
    assert isinstance(follows, AskExpertT2)
    assert follows.first == unsure.first is not None


async def test_a_turn_that_the_configuration_no_longer_has_is_the_last_ones() -> None:
    llm = FakeLLM(kept())
    event = ask_t1().model_copy(update={"rank": 5}).bound(ask_t1().envelope)
    await said(event, llm, catalogue(tiers=1))
    assert len(llm.requests) == 1


def test_a_turn_and_a_repetition_after_a_loss_have_ids_of_their_own() -> None:
    first, second = t1().after(t1()), t1(rank=1).after(t1())
    ids = {message.envelope.event_id for message in (first, second, first.again(1), second.again(1))}
    assert len(ids) == 4
