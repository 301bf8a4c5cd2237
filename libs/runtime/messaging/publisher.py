"""Publishing through the bus (encode, sign, send, count), and reading partitions that are known only at run time."""

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
    """A `RecordPublisher` on a bus."""

    def __init__(self, bus: Bus, signer: Signer) -> None:
        self._bus = bus
        self._signer = signer

    async def publish(self, *messages: Message) -> None:
        await self._bus.send([record for message in messages for record in encode(message, self._signer)])
        for message in messages:
            published(message.schema_name()).inc()

    async def forward(self, *records: Outgoing) -> None:
        await self._bus.send(records)

    def listen(self, feed: TailSubscription) -> AbstractAsyncContextManager[OffsetRange]:
        return self._bus.listen(feed)

    async def partitions(self, topic: str) -> int:
        return await self._bus.partitions(topic)

    def read(self, record: Record) -> Message | None:
        """None if the record is malformed or unsigned, which is logged."""
        return read(record, self._signer)

    def give_up(self, reason: str) -> None:
        """End the process: its use of the log is no longer safe."""
        log.critical("the process ends: %s", reason)
        self._bus.failed.set()
