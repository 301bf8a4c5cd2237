"""A command on its whole way over the retry topics: consumers, relay and broker in memory, time that jumps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import TOPICS
from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.contracts.record import Record
from libs.contracts.topics import RETRY_TOPICS
from libs.core.errors import Rejected, Retryable
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.codec import Outgoing, decode, verified_envelope
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.subscriptions import handler_subscription, relay_subscriptions, sink_subscriptions
from libs.runtime.service import Service, Sink
from libs.testing.fake_clock import JumpingLoop, LoopClock
from libs.testing.records import SIGNER, record_of
from tests.support.runtime.handler_run import PLAN, asked

loop_factory = JumpingLoop


@dataclass
class Planner:
    """A planner whose model is down for the first so many attempts."""

    down: int
    calls: list[float] = field(default_factory=list)

    async def draft(self, event: QuestionAsked, _deps: object) -> PlanDrafted:
        self.calls.append(asyncio.get_running_loop().time())
        if len(self.calls) <= self.down:
            raise Retryable("the model server is down", code="model_unavailable")
        return PLAN.after(event)


@dataclass
class World:
    broker: MemoryBroker
    bus: MemoryBus
    publisher: BusPublisher

    def published(self, kind: type[Message]) -> list[Message]:
        messages = (_read(record) for record in self.broker.records())
        return [message for message in messages if isinstance(message, kind)]

    def waiting(self) -> int:
        return sum(len(log.records) for topic in RETRY_TOPICS for log in self.broker.logs[topic.name])


def _read(record: Record) -> Message | None:
    try:
        return decode(record, verified_envelope(record, SIGNER))
    except Rejected:
        return None


@asynccontextmanager
async def world(*services: Service, rules: RetryPolicy | None = None) -> AsyncIterator[World]:
    broker = MemoryBroker(clock=LoopClock())
    bus = MemoryBus(broker)
    publisher = BusPublisher(bus, SIGNER)
    place = RuntimeContext(SIGNER, publisher, LoopClock(), retries=rules or RetryPolicy())
    for service in services:
        feeds = [handler_subscription(service, handler, place) for handler in service.handlers]
        feeds += [
            *relay_subscriptions(service, place),
            *(f for sink in service.sinks for f in sink_subscriptions(service, sink, place)),
        ]
        for feed in feeds:
            bus.add(feed)
    await bus.start()
    try:
        yield World(broker, bus, publisher)
    finally:
        await bus.stop()


def fleet(planner: Planner) -> tuple[Service, Service]:
    return Service("planner", handlers=(planner.draft,)), Service("merger", relays=RETRY_TOPICS)


async def test_a_server_that_is_away_for_twenty_seconds_costs_nobody_an_answer() -> None:
    planner = Planner(down=3)
    async with world(*fleet(planner)) as here:
        await here.publisher.publish(asked(seconds=600))
        await asyncio.sleep(100)
        assert [message.schema_name() for message in here.published(PlanDrafted)] == ["plan-drafted.v1"]
    first, second, third, fourth = planner.calls
    assert 0.16 <= second - first <= 0.24
    assert 4 <= third - second <= 6
    assert 24 <= fourth - third <= 36


async def test_of_a_server_that_is_gone_the_user_hears_within_a_minute() -> None:
    planner = Planner(down=99)
    async with world(*fleet(planner)) as here:
        await here.publisher.publish(asked(seconds=600))
        await asyncio.sleep(60)
        (end, *_copies) = here.published(AnswerFinished)
        assert getattr(end, "outcome") == "failed"  # noqa: B009  # the kind is asserted above
    assert len(planner.calls) == 4


async def test_with_patience_there_are_five_attempts_and_no_more() -> None:
    planner = Planner(down=99)
    async with world(*fleet(planner), rules=RetryPolicy(max_elapsed_s=3600)) as here:
        await here.publisher.publish(asked(seconds=3600))
        await asyncio.sleep(2000)
    assert len(planner.calls) == 5
    assert 240 <= planner.calls[4] - planner.calls[3] <= 360


async def test_commands_that_wait_do_not_hold_up_others() -> None:
    planner = Planner(down=2)
    async with world(*fleet(planner)) as here:
        await here.publisher.publish(asked(seconds=600))
        await asyncio.sleep(1)
        assert here.waiting() == 1
        await here.publisher.publish(asked(seconds=600))
        await asyncio.sleep(1)
        assert len(here.published(PlanDrafted)) == 1


async def test_a_relay_that_comes_back_late_lets_go_what_is_due() -> None:
    planner = Planner(down=2)
    service, relay = fleet(planner)
    broker = MemoryBroker(clock=LoopClock())
    bus = MemoryBus(broker)
    place = RuntimeContext(SIGNER, BusPublisher(bus, SIGNER), LoopClock())
    bus.add(handler_subscription(service, service.handlers[0], place))
    await bus.start()
    await place.publish(asked(seconds=600))
    await asyncio.sleep(30)
    assert len(planner.calls) == 2
    late = MemoryBus(broker)
    for feed in relay_subscriptions(relay, RuntimeContext(SIGNER, BusPublisher(late, SIGNER), LoopClock())):
        late.add(feed)
    await late.start()
    await asyncio.sleep(0.1)
    assert len(planner.calls) == 3
    await late.stop()
    await bus.stop()


async def test_the_journal_answers_for_the_topics_that_no_group_consumes() -> None:
    kept: list[Record] = []

    async def keep(record: Record) -> None:
        kept.append(record)

    other_signer = Signer(b"the key of another fleet")
    astray = record_of(AnswerFinished(outcome="answered").opening(asked().envelope.origin), signer=other_signer)
    question = record_of(asked(), signer=other_signer)
    async with world(Service("journal", sinks=(Sink(keep),))) as here:
        for record in (astray, question):
            await here.bus.send([_as_outgoing(record)])
        await asyncio.sleep(5)
        letters = [record for record in kept if record.topic == "moe.pipeline.dead-letters.v1"]
    assert {record.topic for record in kept} >= {astray.topic, question.topic}
    assert len(letters) == 1
    assert astray.topic.encode() in letters[0].value


def _as_outgoing(record: Record) -> Outgoing:
    topic = next(topic for topic in TOPICS if topic.name == record.topic)
    key = record.key or b""
    return Outgoing(topic, key, key.decode(), record.headers, record.value)
