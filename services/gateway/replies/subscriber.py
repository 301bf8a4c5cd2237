"""Subscriptions to the ends of responses that other instances opened, while a client waits for one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from libs.contracts.answer import AnswerFinished
from libs.contracts.topics import ANSWER_FINISHED
from libs.core.errors import Retryable
from libs.core.ids import reply_partition_of
from libs.runtime.messaging.bus import Delivery, TailSubscription
from libs.runtime.messaging.publisher import BusPublisher
from services.gateway.domain.errors import not_found, temporarily_unavailable
from services.gateway.replies.pending_replies import PendingReplies


@dataclass
class _Partition:
    """One reader, shared by its listeners."""

    listeners: int = 0
    reader: AsyncExitStack = field(default_factory=AsyncExitStack)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ReplySubscriber:
    """Reads any partition by assignment: no rebalance, and the holder keeps its partition."""

    def __init__(self, publisher: BusPublisher, pending_replies: PendingReplies, own_partition: int) -> None:
        self._publisher = publisher
        self._pending_replies = pending_replies
        self._own = own_partition
        self._partitions: dict[int, _Partition] = {}

    @asynccontextmanager
    async def subscribed(self, response_id: str) -> AsyncIterator[None]:
        """Deliver the end of a response to `PendingReplies` while the block runs. Our own partition needs no
        subscription.

        Raises RequestRefused: 404 for an id that no response can have, 503 when the log is unavailable.
        """
        number = _partition_of(response_id)
        if number == self._own:
            yield
            return
        partition = self._partitions.setdefault(number, _Partition())
        try:
            await self._subscribe(partition, number)
        except Retryable as error:
            raise temporarily_unavailable() from error
        try:
            yield
        finally:
            await self._unsubscribe(partition)

    async def _subscribe(self, partition: _Partition, number: int) -> None:
        async with partition.lock:
            if partition.listeners == 0:
                if number >= await self._publisher.partitions(ANSWER_FINISHED.name):
                    raise not_found()
                feed = TailSubscription(ANSWER_FINISHED.name, number, self._deliver)
                await partition.reader.enter_async_context(self._publisher.listen(feed))
            partition.listeners += 1

    async def _unsubscribe(self, partition: _Partition) -> None:
        async with partition.lock:
            partition.listeners -= 1
            if partition.listeners == 0:
                await partition.reader.aclose()

    async def _deliver(self, delivery: Delivery) -> None:
        message = self._publisher.read(delivery.record)
        if isinstance(message, AnswerFinished):
            self._pending_replies.deliver(message)


def _partition_of(response_id: str) -> int:
    try:
        return reply_partition_of(response_id)
    except ValueError as error:
        raise not_found() from error
