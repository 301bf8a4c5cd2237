"""Messages of another tenant do not affect a response, and no look-up waits for them."""

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.contracts.records import RequestLogged
from libs.core.clock import SystemClock
from libs.core.ids import new_response_id
from libs.ports.answers import ResponseState
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.testing.records import SIGNER
from services.gateway.lookup.log import LogLookup

LIMIT_S = 5.0  # ends a hang: records on the log are found without waiting
NOW = SystemClock().now()
RESPONSE_ID = new_response_id(0, NOW)


def of(tenant: str) -> Origin:
    """Origin of the one response in the name of a tenant."""
    return Origin(RESPONSE_ID, tenant, deadline_at=NOW + 60)


def opened(tenant: str) -> RequestOpened:
    question = Question(text=f"asked by {tenant}")
    return RequestOpened(question=question, model="moe", accepted_at=NOW).opening(of(tenant))


def end(tenant: str, text: str = "") -> AnswerFinished:
    return AnswerFinished(outcome="answered", text=text or f"told by {tenant}").after(opened(tenant))


def accepted(tenant: str) -> DirectOpened:
    return DirectOpened(model=tenant, accepted_at=NOW).opening(of(tenant))


def logged(tenant: str) -> RequestLogged:
    said = RequestLogged(response_id=RESPONSE_ID, input="", answer=tenant, expert_models_used=(), ts=NOW)
    return said.opening(of(tenant))


@pytest.fixture
def publisher() -> BusPublisher:
    return BusPublisher(MemoryBus(MemoryBroker()), SIGNER)


@pytest.fixture
def answers(publisher: BusPublisher) -> LogLookup:
    return LogLookup(publisher, LIMIT_S)


async def test_a_response_of_another_tenant_is_unknown(publisher: BusPublisher, answers: LogLookup) -> None:
    await publisher.publish(opened("acme"), end("acme"), accepted("acme"), logged("acme"))
    assert await answers.find("zeta", RESPONSE_ID) == ResponseState()
    assert await answers.accepted("zeta", RESPONSE_ID) is None
    assert await answers.record("zeta", RESPONSE_ID) is None


async def test_what_another_tenant_said_first_is_passed_over(publisher: BusPublisher, answers: LogLookup) -> None:
    for tenant in ("zeta", "acme"):
        await publisher.publish(opened(tenant), end(tenant), accepted(tenant), logged(tenant))
    known = await answers.find("acme", RESPONSE_ID)
    assert (known.opened, known.end) == (opened("acme"), end("acme"))
    assert await answers.accepted("acme", RESPONSE_ID) == accepted("acme")
    assert await answers.record("acme", RESPONSE_ID) == logged("acme")


async def test_the_first_end_on_the_log_is_the_answer(publisher: BusPublisher, answers: LogLookup) -> None:
    await publisher.publish(opened("acme"), end("acme", "first"), end("acme", "second"))
    assert (await answers.find("acme", RESPONSE_ID)).end == end("acme", "first")


async def test_a_request_that_has_no_end_yet_is_known_by_its_opening(
    publisher: BusPublisher, answers: LogLookup
) -> None:
    await publisher.publish(opened("acme"))
    assert await answers.find("acme", RESPONSE_ID) == ResponseState(opened("acme"))
