"""A direct request has a record, and no message that replay could recompute."""

from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.records import RequestLogged
from libs.core.ids import new_response_id
from libs.ports.journal import Journaled
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.codec import verifier
from libs.runtime.messaging.publisher import BusPublisher
from moe.replay.verifying import Status, Verdict
from services.journal.domain.entries import entry_of
from tests.support.fleet import SIGNER
from tests.support.recorded_messages import Kept, verdict_on

ID = new_response_id(3, 1_700_000_000)
ORIGIN = Origin(ID, "default", deadline_at=1_700_000_060.0, trace="00-t-01")


async def verdict_of(source: str, *before: Message) -> Verdict:
    logged = RequestLogged(response_id=ID, input="Hi", answer="Hello.", expert_models_used=(source,), ts=1.0)
    log = MemoryBroker()
    await BusPublisher(MemoryBus(log), SIGNER).publish(*before, logged.opening(ORIGIN))
    return await verdict_on(
        Kept(tuple(Journaled(entry_of(each, "", verifier(SIGNER)), 1.0) for each in log.records())), ID
    )


async def test_what_one_model_answered_does_not_differ() -> None:
    verdict = await verdict_of("judge-7b@local::direct")
    assert (verdict.status, verdict.differences) == (Status.VERIFIED, ())


async def test_that_it_was_asked_in_the_background_and_cancelled_does_not_differ() -> None:
    opened = DirectOpened(model="moe-orchestrator", accepted_at=1.0).opening(ORIGIN)
    verdict = await verdict_of("judge-7b@local::direct", opened, DirectCancelled(reason="no more").after(opened))
    assert (verdict.status, verdict.differences) == (Status.VERIFIED, ())


async def test_an_answer_of_the_fleet_without_a_beginning_differs() -> None:
    assert (await verdict_of("judge-7b@local::general")).status is Status.DIFFERS
