"""Commits: the delay until finished work is committed, and the commit rate under load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.errors import KafkaError

from libs.contracts.record import Record
from libs.contracts.topics import PROGRESS
from libs.core.tasks import TaskSet
from libs.runtime.kafka.commits import (
    COMMIT_INTERVAL_S,
    COMMIT_RETRY_S,
    INTERVALS_IN_PASSING,
    LONGEST_INTERVAL_S,
    RELAXED_INTERVAL_S,
    Committer,
    interval_s,
)
from libs.runtime.kafka.consumer_context import ConsumerContext
from libs.runtime.kafka.group_topic import GroupTopic
from libs.runtime.ledger.change_signal import ChangeSignal
from libs.runtime.ledger.intake import Intake
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.runtime.settings import BusSettings
from libs.runtime.watchdog.work import Watchdog
from libs.testing.fake_clock import JumpingLoop

loop_factory = JumpingLoop


async def process(delivery: Delivery) -> None:
    delivery.done()


class Consumer:
    """Records its commits, and rejects the first ones on request."""

    def __init__(self, refusals: int = 0) -> None:
        self.times: list[float] = []
        self._refusals = refusals

    async def commit(self, _offsets: object) -> None:
        self.times.append(asyncio.get_running_loop().time())
        if len(self.times) <= self._refusals:
            raise KafkaError("not now")


@asynccontextmanager
async def committing(consumer: Consumer, *, urgent: bool = True) -> AsyncIterator[Intake]:
    """Commit the finished work of an intake."""
    errors: list[BaseException] = []
    feed = Subscription("planner", PROGRESS.name, process, low_latency=urgent)
    context = ConsumerContext(BusSettings(kafka_url="kafka://a:1"), errors.append, Watchdog(errors.append))
    changed, tasks = ChangeSignal(), TaskSet(errors.append)
    topic = GroupTopic(feed, context, changed)
    topic.intake.ledgers.begin({0: Progress(0)})
    committer = Committer("moe.planner", {feed.topic: topic}, changed, lambda: consumer)
    committer.settled.set()
    tasks.start(committer.run())
    yield topic.intake
    await tasks.cancel()
    assert errors == []


async def do(intake: Intake, offset: int) -> None:
    await intake.accept(Record(PROGRESS.name, 0, offset, 0, b"key", (), b"{}"))


@pytest.mark.parametrize(("urgent", "interval"), [(True, COMMIT_INTERVAL_S), (False, RELAXED_INTERVAL_S)])
async def test_what_is_done_is_committed_an_interval_later(urgent: bool, interval: float) -> None:
    consumer = Consumer()
    async with committing(consumer, urgent=urgent) as intake:
        await do(intake, 0)
        await asyncio.sleep(interval / 2)
        await do(intake, 1)
        await asyncio.sleep(10 * interval)
    assert consumer.times == pytest.approx([interval])


async def test_a_commit_that_fails_is_made_again() -> None:
    consumer = Consumer(refusals=1)
    async with committing(consumer) as intake:
        await do(intake, 0)
        await asyncio.sleep(10)
    assert consumer.times == pytest.approx([COMMIT_INTERVAL_S, 2 * COMMIT_INTERVAL_S + COMMIT_RETRY_S])


def test_what_takes_long_to_tell_is_told_less_often() -> None:
    widths = (0, INTERVALS_IN_PASSING, 3 * INTERVALS_IN_PASSING, 1000 * INTERVALS_IN_PASSING)
    told = [interval_s(width) for width in widths]
    assert told == pytest.approx([COMMIT_INTERVAL_S, COMMIT_INTERVAL_S, 3 * COMMIT_INTERVAL_S, LONGEST_INTERVAL_S])
