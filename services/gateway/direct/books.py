"""The records of direct requests: on this machine before the client has its answer, on the log soon after."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from libs.adapters.spool import Spool
from libs.contracts.message import Message
from libs.core.errors import Rejected
from libs.ports.bus import Publisher
from services.gateway.domain.direct.record import DirectRecord, read_record
from services.gateway.telemetry import DIRECT

AT_ONCE = 1  # making and signing the messages of a record takes 0.1 ms: nobody shall wait for a whole batch

log = logging.getLogger(__name__)


class DirectBooks:
    """A resource: enter it before use. What it holds is delivered while `keep` runs."""

    def __init__(self, folder: Path, room_bytes: int) -> None:
        self.spool = Spool(folder, room_bytes, _read)

    def can_record(self) -> bool:
        """Return whether another record could be kept."""
        return self.spool.has_room

    def write(self, record: DirectRecord) -> None:
        """Record a request that has ended. From here on `kill -9` does not lose it."""
        DIRECT.labels(record.why, record.outcome).inc()
        self.spool.append(record, record.entry())

    async def keep(self, publisher: Publisher) -> None:
        """Put on the log what was recorded, until cancelled."""

        async def publish(records: list[DirectRecord]) -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for start in range(0, len(records), AT_ONCE):
                        group.create_task(_publish(publisher, records[start : start + AT_ONCE]))
                        await asyncio.sleep(0)
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from errors

        await self.spool.deliver(publish)


async def _publish(publisher: Publisher, records: list[DirectRecord]) -> None:
    try:
        await publisher.publish(*_messages(records))
    except Rejected:
        for record in records:
            await _publish_alone(publisher, record)


def _messages(records: list[DirectRecord]) -> list[Message]:
    return [message for record in records for message in record.messages()]


async def _publish_alone(publisher: Publisher, record: DirectRecord) -> None:
    """One that the broker does not take goes without its texts: what it cost must not be lost."""
    try:
        await publisher.publish(*record.messages())
    except Rejected as error:
        log.warning("%s is recorded without its texts: %s", record.response_id, error)
        await publisher.publish(*replace(record, input="", answer="").messages())


def _read(entry: bytes) -> DirectRecord | None:
    try:
        return read_record(entry)
    except ValidationError as error:
        log.error("a record that cannot be read is left out: %d fields are wrong", error.error_count())
        return None
