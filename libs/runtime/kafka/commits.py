"""The commits of a group: periodic, one for all its topics, and only while its partitions are settled."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetMetadataTooLargeError

from libs.runtime.kafka.group_topic import GroupTopic
from libs.runtime.kafka.offsets import commit
from libs.runtime.ledger.change_signal import ChangeSignal
from libs.runtime.ledger.metadata import MAX_METADATA_CHARS

log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.2
RELAXED_INTERVAL_S = 1.0  # for subscriptions without waiting clients: their repeated work costs little
LONGEST_INTERVAL_S = 10.0
INTERVALS_IN_PASSING = 2000  # encoding so many takes a few milliseconds; more of them are committed less often
COMMIT_RETRY_S = 0.5
COMMIT_TIMEOUT_S = 1.0  # the client alone would retry as long as the broker is unavailable


class Committer:
    """`settled` is set while partitions are assigned: a commit in the middle of a rebalance can undo it."""

    def __init__(
        self,
        group: str,
        topics: Mapping[str, GroupTopic],
        changed: ChangeSignal,
        consumer: Callable[[], AIOKafkaConsumer],
    ) -> None:
        self.settled = asyncio.Event()
        self._group = group
        self._topics = topics
        self._changed = changed
        self._consumer = consumer
        self._max_chars = MAX_METADATA_CHARS

    async def run(self) -> None:
        """Commit whenever progress is due, until cancelled."""
        while True:
            await self._changed.until(lambda: any(topic.intake.ledgers.is_due for topic in self._topics.values()))
            await asyncio.sleep(self._interval_s())
            await self.settled.wait()
            if not await self.commit():
                await asyncio.sleep(COMMIT_RETRY_S)

    async def commit(self) -> bool:
        """Commit the progress that is due; return whether all of it is committed."""
        due = {name: progress for name, topic in self._topics.items() if (progress := topic.intake.ledgers.due())}
        if not due:
            return True
        offsets = {
            TopicPartition(name, number): done for name, progress in due.items() for number, done in progress.items()
        }
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S):
                await commit(self._consumer(), offsets, self._max_chars)
        except OffsetMetadataTooLargeError:
            self._max_chars //= 2
            log.warning("the broker takes less beside a commit of %s; now %d characters", self._group, self._max_chars)
            return False
        except (KafkaError, TimeoutError) as error:
            log.warning("commit of %s failed, it will be tried again: %s", self._group, type(error).__name__)
            return False
        for name, progress in due.items():
            self._topics[name].intake.ledgers.confirm(progress)
        return True

    def _interval_s(self) -> float:
        topics = self._topics.values()
        is_urgent = any(topic.feed.low_latency for topic in topics)
        return interval_s(sum(topic.intake.ledgers.width for topic in topics), urgent=is_urgent)


def interval_s(width: int, *, urgent: bool = True) -> float:
    """Delay before a commit of `width` intervals."""
    shortest_s = COMMIT_INTERVAL_S if urgent else RELAXED_INTERVAL_S
    return min(LONGEST_INTERVAL_S, shortest_s * max(1.0, width / INTERVALS_IN_PASSING))
