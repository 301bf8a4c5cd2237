"""Records of what was answered: on this machine before the client has its answer, on the log soon after."""

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

# Making and signing the messages of a record holds the loop for 0.05 ms: few at a time while few wait, more while they
# come faster than they are written. What is published alone costs a request to the broker of its own.
FEW = 4
TURNS = 64
MOST_AT_ONCE = 32

log = logging.getLogger(__name__)


class OutboxRecord(Protocol):
    """What is kept of one request."""

    @property
    def response_id(self) -> str:
        """Return whose it is."""
        ...

    def entry(self) -> bytes:
        """Return what waits on disk."""
        ...

    def messages(self) -> Sequence[Message]:
        """Return what stands on the log, the same whenever it is made again."""
        ...

    def without_texts(self) -> Self:
        """Return what is left of one that the broker does not take."""
        ...

    @property
    def ref(self) -> RequestRef:
        """Return the request for erasures."""
        ...

    def redacted(self) -> Self:
        """Return what is left of one whose subject was erased: nothing that a person said."""
        ...


R = TypeVar("R", bound=OutboxRecord)


class Outbox(Generic[R]):
    """Enter its spool before use. What it holds is delivered while `keep` runs.

    `read` makes a record of an entry that an earlier process left; raises pydantic's ValidationError.
    """

    def __init__(self, folder: Path, room_bytes: int, read: Callable[[bytes], R]) -> None:
        self.spool = Spool(folder, room_bytes, self._recovered)
        self._reader = read
        self._waiting: dict[str, R] = {}

    def can_record(self) -> bool:
        """Return whether another record could be kept."""
        return self.spool.has_room

    def write(self, record: R) -> None:
        """Record a request that has ended. From here on `kill -9` does not lose it."""
        self._waiting[record.response_id] = record
        self.spool.append(record, record.entry())

    def undelivered(self, response_id: str) -> R | None:
        """Return a record that is not on the log yet, None for any other."""
        return self._waiting.get(response_id)

    def refs(self) -> list[RequestRef]:
        """Return the requests whose records are not on the log yet."""
        return [record.ref for record in self._waiting.values()]

    def redact(self, requests: Collection[RequestRef]) -> None:
        """Take away what persons said in records that are not on the log yet."""

        def change(record: R) -> tuple[R, bytes] | None:
            if record.ref not in requests:
                return None
            redacted = record.redacted()
            self._waiting[redacted.response_id] = redacted
            return redacted, redacted.entry()

        self.spool.replace(change)

    def read(self, entry: bytes) -> R | None:
        """Return the record of an entry, None for one that cannot be read."""
        try:
            return self._reader(entry)
        except ValidationError as error:
            log.error("a record that cannot be read is left out: %d fields are wrong", error.error_count())
            return None

    async def deliver(self, publisher: Publisher) -> None:
        """Put on the log what was recorded, until cancelled."""

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
    """Publish together; where the broker does not take one of them, each by itself."""
    try:
        await publisher.publish(*(message for record in records for message in record.messages()))
    except Rejected:
        for record in records:
            await _publish_alone(publisher, record)


async def _publish_alone(publisher: Publisher, record: OutboxRecord) -> None:
    """One that the broker does not take goes without its texts: what it cost must not be lost."""
    try:
        await publisher.publish(*record.messages())
    except Rejected as error:
        log.warning("recorded %s without content: %s", record.response_id, error)
    else:
        return
    try:
        await publisher.publish(*record.without_texts().messages())
    except Rejected as error:  # it would hold up all records behind it, at each start
        log.error("%s is not recorded: %s", record.response_id, error)
