"""Every record is delivered one to five times, in any order: the fleet publishes the same, under the same ids, once."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.core import ids
from libs.core.errors import Rejected
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.join.runner import JoinRunner
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.codec import Outgoing, decode, verified_envelope
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.subscriptions import handler_subscription, join_subscription, relay_subscriptions, stage_of
from libs.runtime.service import Service
from libs.testing.fake_clock import TEST_TIME_S, LoopClock, run_jumping
from libs.testing.records import SIGNER
from tests.support.null_ports import null_stages

REQUESTS = tuple(ids.new_response_id(0, TEST_TIME_S) for _ in range(3))
SPREAD_S = 20.0


@dataclass
class Doubler(MemoryBroker):
    """A broker that delivers each record one to five times, each copy after a delay."""

    rng: random.Random = field(default_factory=random.Random)
    most: int = 5

    def append(self, outgoing: Outgoing) -> None:
        """Append copies of a record to the log, at once and later."""
        for _ in range(self.rng.randint(1, self.most)):
            if self.most == 1:
                super().append(outgoing)
            else:
                put = super().append
                asyncio.get_running_loop().call_later(self.rng.uniform(0, SPREAD_S), put, outgoing)


@dataclass
class Outcome:
    """Outcome of a fleet: the ids of all events, the first end of each request, how often each stage worked."""

    event_ids: frozenset[str]
    ends: dict[str, tuple[str, str, str]]
    copies: Counter[str]
    open_joins: int


@asynccontextmanager
async def stages(bus: MemoryBus, tasks: int) -> AsyncIterator[list[JoinRunner[object]]]:
    """Run all stages with ports that answer at once; yield the joins."""
    place = RuntimeContext(SIGNER, BusPublisher(bus, SIGNER), LoopClock())
    runners: list[JoinRunner[object]] = []
    async with AsyncExitStack() as opening:
        for service in null_stages(tasks):
            runners += await _wired(service, bus, place, opening)
        await bus.start()
        opening.push_async_callback(bus.stop)
        yield runners


async def _wired(
    service: Service, bus: MemoryBus, place: RuntimeContext, opening: AsyncExitStack
) -> list[JoinRunner[object]]:
    for handler in service.handlers:
        bus.add(handler_subscription(service, handler, place))
    for relay in relay_subscriptions(service, place):
        bus.add(relay)
    runners = []
    for join in service.joins:
        runner: JoinRunner[object] = JoinRunner(join, place, _fail, stage_of(service))
        bus.add(join_subscription(service, join, await opening.enter_async_context(runner)))
        runners.append(runner)
    return runners


def _fail(error: BaseException) -> None:
    raise AssertionError(f"a background task failed: {error!r}")


async def played(broker: Doubler, tasks: int) -> Outcome:
    """Send three questions and wait until the fleet is idle."""
    bus = MemoryBus(broker)
    async with stages(bus, tasks) as runners:
        publisher = BusPublisher(bus, SIGNER)
        for response_id in REQUESTS:
            await publisher.publish(*opening_of(response_id))
        await asyncio.sleep(400)
        assert not bus.failed.is_set()
        return _outcome(broker, sum(len(runner._open) for runner in runners))


def opening_of(response_id: str) -> tuple[Message, ...]:
    origin = Origin(response_id, "acme", deadline_at=TEST_TIME_S + 600)
    question = Question(text=f"Explain pools in depth, see {response_id}")
    opened = RequestOpened(question=question, model="moe", accepted_at=TEST_TIME_S)
    return opened.opening(origin), QuestionAsked(question=question).opening(origin)


def _outcome(broker: MemoryBroker, open_joins: int) -> Outcome:
    said = [(record, message) for record in broker.records() if (message := _read(record)) is not None]
    ends: dict[str, tuple[str, str, str]] = {}
    for record, message in said:
        if isinstance(message, AnswerFinished) and "answer-finished" in record.topic:
            told = (message.outcome, message.text, message.usage.model_dump_json())
            ends.setdefault(message.envelope.response_id, told)
    event_ids = frozenset(message.envelope.event_id for _, message in said)
    return Outcome(event_ids, ends, Counter(message.schema_name() for _, message in said), open_joins)


def _read(record: Record) -> Message | None:
    try:
        return decode(record, verified_envelope(record, SIGNER))
    except Rejected:
        return None


REFERENCES: dict[int, Outcome] = {}


def reference(tasks: int) -> Outcome:
    """Output for records that arrive once and in order."""
    if tasks not in REFERENCES:
        REFERENCES[tasks] = run_jumping(played(Doubler(most=1, clock=LoopClock()), tasks))
    return REFERENCES[tasks]


def check(seed: int, tasks: int) -> None:
    wanted = reference(tasks)
    found = run_jumping(played(Doubler(rng=random.Random(seed), clock=LoopClock()), tasks))
    assert found.event_ids == wanted.event_ids
    assert found.ends == wanted.ends
    assert found.open_joins == wanted.open_joins == 0
    assert set(found.ends) == set(REQUESTS)
    assert all(copies <= 5 * wanted.copies[schema] for schema, copies in found.copies.items()), "work was done twice"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_a_storm_of_duplicates_changes_nothing(seed: int, tasks: int) -> None:
    check(seed, tasks)


@pytest.mark.whole
@pytest.mark.slow
@settings(max_examples=1_000, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_a_storm_of_duplicates_changes_nothing_at_full_size(seed: int, tasks: int) -> None:
    check(seed, tasks)


def test_the_storm_is_one() -> None:
    found = run_jumping(played(Doubler(rng=random.Random(7), clock=LoopClock()), 3))
    once = sum(reference(3).copies.values())
    assert 2 * once < sum(found.copies.values()) <= 5 * once
