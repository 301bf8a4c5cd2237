"""Outbox of answer records: on disk before the client has its answer, published to the log soon after."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

from pydantic import ValidationError

from libs.adapters.files.spool import Spool
from libs.contracts.message import Message
from libs.core.errors import Rejected
from libs.core.tasks import all_or_first_error
from libs.ports.bus import Publisher
from libs.ports.erasures import RequestRef

# Building and signing the messages of a record blocks the loop for 0.05 ms: batches are small while few records wait,
# larger while records arrive faster than they are written. A record published alone costs its own broker request.
FEW = 4
TURNS = 64
MOST_AT_ONCE = 32

log = logging.getLogger(__name__)


class OutboxRecord(Protocol):
    """The record of one request."""

    @property
    def response_id(self) -> str: ...

    def entry(self) -> bytes:
        """The form on disk."""
        ...

    def messages(self) -> Sequence[Message]:
        """The messages for the log; equal on every call."""
        ...

    def without_texts(self) -> Self:
        """The part to publish when the broker rejects the whole record."""
        ...

    @property
    def ref(self) -> RequestRef:
        """The request, for erasures."""
        ...

    def redacted(self) -> Self:
        """The part that remains after an erasure: no text of a person."""
        ...


R = TypeVar("R", bound=OutboxRecord)


class Outbox(Generic[R]):
    """Enter `spool` before use. Records are published while `deliver` runs.

    `read` decodes an entry that an earlier process left; it raises pydantic's ValidationError.
    """

    def __init__(self, folder: Path, capacity_bytes: int, read: Callable[[bytes], R]) -> None:
        self.spool = Spool(folder, capacity_bytes, self._recovered)
        self._reader = read
        self._waiting: dict[str, R] = {}

    def can_record(self) -> bool:
        """False while the spool is full."""
        return self.spool.has_capacity

    def write(self, record: R) -> None:
        """Record a request that has ended. The record survives `kill -9` from here on."""
        self._waiting[record.response_id] = record
        self.spool.append(record, record.entry())

    def undelivered(self, response_id: str) -> R | None:
        """None for any record that is published or unknown."""
        return self._waiting.get(response_id)

    def refs(self) -> list[RequestRef]:
        """Requests whose records are not on the log yet."""
        return [record.ref for record in self._waiting.values()]

    def redact(self, requests: Collection[RequestRef]) -> None:
        """Remove the text of persons from records that are not on the log yet."""

        def change(record: R) -> tuple[R, bytes] | None:
            if record.ref not in requests:
                return None
            redacted = record.redacted()
            self._waiting[redacted.response_id] = redacted
            return redacted, redacted.entry()

        self.spool.replace(change)

    def read(self, entry: bytes) -> R | None:
        """None for an entry that cannot be decoded; logs an error."""
        try:
            return self._reader(entry)
        except ValidationError as error:
            log.error("a record that cannot be read is left out: %d fields are wrong", error.error_count())
            return None

    async def deliver(self, publisher: Publisher) -> None:
        """Publish records until cancelled."""

        async def publish(records: list[R]) -> None:
            at_once = min(FEW + self.spool.waiting // TURNS, MOST_AT_ONCE)
            async with all_or_first_error() as publishing:
                for first in range(0, len(records), at_once):
                    publishing.create_task(_publish(publisher, records[first : first + at_once]))
                    await asyncio.sleep(0)
            for record in records:
                self._waiting.pop(record.response_id, None)

        await self.spool.deliver(publish)

    def _recovered(self, entry: bytes) -> R | None:
        if (record := self.read(entry)) is not None:
            self._waiting[record.response_id] = record
        return record


async def _publish(publisher: Publisher, records: Sequence[OutboxRecord]) -> None:
    """Publish one batch; publish each record alone when the broker rejects one of them."""
    try:
        await publisher.publish(*(message for record in records for message in record.messages()))
    except Rejected:
        for record in records:
            await _publish_alone(publisher, record)


async def _publish_alone(publisher: Publisher, record: OutboxRecord) -> None:
    """Publish a rejected record again without its texts: its usage must not be lost."""
    try:
        await publisher.publish(*record.messages())
    except Rejected as error:
        log.warning("recorded %s without content: %s", record.response_id, error)
    else:
        return
    try:
        await publisher.publish(*record.without_texts().messages())
    except Rejected as error:  # it would block all records behind it, at each start
        log.error("%s is not recorded: %s", record.response_id, error)
