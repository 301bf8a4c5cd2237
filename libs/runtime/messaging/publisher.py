"""The one way to say something: encode, sign, send, count. And to listen where no handler can be named beforehand."""

import logging
from contextlib import AbstractAsyncContextManager

from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.runtime.messaging.bus import Bus, OffsetRange, TailSubscription
from libs.runtime.messaging.codec import Outgoing, encode, read
from libs.runtime.messaging.signing import Signer
from libs.runtime.telemetry import published

log = logging.getLogger(__name__)


class BusPublisher:
    """An `RecordPublisher` on a bus."""

    def __init__(self, bus: Bus, signer: Signer) -> None:
        self._bus = bus
        self._signer = signer

    async def publish(self, *messages: Message) -> None:
        """Send all at once; see `Publisher`."""
        await self._bus.send([record for message in messages for record in encode(message, self._signer)])
        for message in messages:
            published(message.schema_name()).inc()

    async def forward(self, *records: Outgoing) -> None:
        """Send records as they are; see `RecordPublisher`."""
        await self._bus.send(records)

    def listen(self, feed: TailSubscription) -> AbstractAsyncContextManager[OffsetRange]:
        """Read one more partition while the block runs; see `Bus`."""
        return self._bus.listen(feed)

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has; see `Bus`."""
        return await self._bus.partitions(topic)

    def read(self, record: Record) -> Message | None:
        """Return the verified message of a record; None for one that is malformed or not ours, which is logged."""
        return read(record, self._signer)

    def give_up(self, reason: str) -> None:
        """End the process: what it does on the log can no longer be trusted."""
        log.critical("the process ends: %s", reason)
        self._bus.failed.set()
