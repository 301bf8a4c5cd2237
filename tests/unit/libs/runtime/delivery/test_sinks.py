"""A sink stores each record or publishes a dead letter, and is never ended by one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from libs.contracts.catalogue import TOPICS
from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.records import RequestLogged
from libs.contracts.topics import DEAD_LETTERS, PROGRESS, REQUESTS, Topic
from libs.core.clock import SystemClock
from libs.core.errors import Rejected, Retryable, Unstorable
from libs.runtime.delivery.backoff import Backoff
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits, TooManyDeadLetters
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.sinks import SinkRunner
from libs.runtime.messaging.bus import Delivery
from libs.runtime.service import Sink
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of

ENDED = next(each for each in EXAMPLES if isinstance(each, RequestLogged))
BACKOFF = Backoff(first_s=0.001, cap_s=0.001)


class Scene:
    """A sink whose store rejects some records, by their offset."""

    def __init__(self, topic: Topic, refusals: dict[int, Exception]) -> None:
        self.publisher = FakePublisher()
        self.done: list[int] = []
        self.stored: list[int] = []
        self._refusals = refusals
        limits = CircuitBreakerLimits(in_a_row=3)
        place = RuntimeContext(SIGNER, self.publisher, SystemClock(), backoff=BACKOFF, breaker=limits)
        self._process: Callable[[Delivery], Awaitable[None]] = SinkRunner("journal", Sink(self._store), topic, place)

    async def take(self, record: Record) -> None:
        await self._process(Delivery(record, lambda: self.done.append(record.offset)))

    async def _store(self, record: Record) -> None:
        if (refusal := self._refusals.pop(record.offset, None)) is not None:
            raise refusal
        self.stored.append(record.offset)


def lying(offset: int, message: Message = ENDED) -> Record:
    return record_of(message, offset=offset)


async def test_a_record_that_the_store_refuses_becomes_a_dead_letter_with_its_reason_and_the_next_one_is_stored() -> (
    None
):
    scene = Scene(REQUESTS, {1: Unstorable("the usage is out of range")})
    for offset in range(3):
        await scene.take(lying(offset))
    assert (scene.done, scene.stored) == ([0, 1, 2], [0, 2])
    (letter,) = scene.publisher.letters
    assert (letter.record.offset, letter.stage, letter.error) == (1, "journal", "unstorable")
    assert letter.message == "the usage is out of range"
    assert letter.envelope.request == ENDED.envelope.request


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_refusals_never_stop_a_sink_whatever_the_topic(topic: Topic) -> None:
    scene = Scene(topic, {offset: Unstorable("no") for offset in range(20)})
    for offset in range(20):
        await scene.take(replace(lying(offset), topic=topic.name))
    assert scene.done == [*range(20)]


async def test_a_refused_record_of_unknown_origin_becomes_a_dead_letter_of_the_system() -> None:
    scene = Scene(PROGRESS, {0: Unstorable("no")})
    await scene.take(Record(PROGRESS.name, 0, 0, 5, None, (), b"not json"))
    (letter,) = scene.publisher.letters
    assert letter.envelope.tenant == "system"


async def test_a_dead_letter_that_the_store_refuses_has_no_letter_of_its_own() -> None:
    scene = Scene(DEAD_LETTERS, {0: Unstorable("no")})
    await scene.take(replace(lying(0), topic=DEAD_LETTERS.name))
    assert (scene.done, scene.publisher.letters) == ([0], [])


async def test_a_store_that_is_away_is_waited_for() -> None:
    scene = Scene(REQUESTS, {0: Retryable("away")})
    await scene.take(lying(0))
    assert (scene.stored, scene.publisher.letters) == ([0], [])


async def test_a_bug_that_a_record_meets_makes_a_dead_letter_and_many_in_a_row_stop_the_sink() -> None:
    scene = Scene(REQUESTS, {offset: KeyError("a name") for offset in range(3)})
    await scene.take(lying(0))
    await scene.take(lying(1))
    with pytest.raises(TooManyDeadLetters):
        await scene.take(lying(2))
    assert [letter.error for letter in scene.publisher.letters] == ["internal_error"] * 2
    assert scene.done == [0, 1]


async def test_what_is_wrong_with_the_log_itself_stops_the_sink() -> None:
    scene = Scene(REQUESTS, {0: Rejected("the log began anew")})
    with pytest.raises(Rejected):
        await scene.take(lying(0))
    assert scene.done == []
