"""The commits of a subscription: periodic, and only while its partitions are settled."""

import asyncio
import logging
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, OffsetMetadataTooLargeError

from libs.runtime.kafka.offsets import commit
from libs.runtime.ledger.intake import Intake
from libs.runtime.ledger.metadata import MAX_METADATA_CHARS
from libs.runtime.messaging.bus import Subscription

log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.2
RELAXED_INTERVAL_S = 1.0  # for subscriptions without waiting clients: their repeated work costs little
LONGEST_INTERVAL_S = 10.0
INTERVALS_IN_PASSING = 2000  # encoding so many takes a few milliseconds; more of them are committed less often
COMMIT_RETRY_S = 0.5
COMMIT_TIMEOUT_S = 1.0  # the client alone would retry as long as the broker is unavailable


class Committer:
    """`settled` is set while partitions are assigned: a commit in the middle of a rebalance can undo it."""

    def __init__(self, feed: Subscription, intake: Intake, consumer: Callable[[], AIOKafkaConsumer]) -> None:
        self.settled = asyncio.Event()
        self._feed = feed
        self._intake = intake
        self._consumer = consumer
        self._max_chars = MAX_METADATA_CHARS

    async def run(self) -> None:
        """Commit whenever progress is due, until cancelled."""
        while True:
            await self._intake.until(lambda: self._intake.ledgers.is_due)
            await asyncio.sleep(interval_s(self._intake.ledgers.width, urgent=self._feed.low_latency))
            await self.settled.wait()
            if not await self.commit():
                await asyncio.sleep(COMMIT_RETRY_S)

    async def commit(self) -> bool:
        """Commit the progress that is due; return whether all of it is committed."""
        due = self._intake.ledgers.due()
        if not due:
            return True
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S):
                await commit(self._consumer(), self._feed.topic, due, self._max_chars)
        except OffsetMetadataTooLargeError:
            self._max_chars //= 2
            log.warning(
                "the broker takes less beside a commit of %s; now %d characters", self._feed.group, self._max_chars
            )
            return False
        except (KafkaError, TimeoutError) as error:
            log.warning("commit of %s failed, it will be tried again: %s", self._feed.group, type(error).__name__)
            return False
        self._intake.ledgers.confirm(due)
        return True


def interval_s(width: int, *, urgent: bool = True) -> float:
    """Delay before a commit of `width` intervals."""
    shortest_s = COMMIT_INTERVAL_S if urgent else RELAXED_INTERVAL_S
    return min(LONGEST_INTERVAL_S, shortest_s * max(1.0, width / INTERVALS_IN_PASSING))
