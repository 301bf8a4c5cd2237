"""The records of direct requests, of those included that run in the background."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from libs.adapters.files.spool import IntentLog
from services.gateway.domain.direct.record import DirectRecord, read_record
from services.gateway.outbox import Books
from services.gateway.telemetry import direct_requests

log = logging.getLogger(__name__)


class DirectBooks(Books[DirectRecord]):
    """Books that know besides which requests have no record yet."""

    def __init__(self, folder: Path, room_bytes: int) -> None:
        super().__init__(folder, room_bytes, read_record)
        self._pledges = IntentLog(folder / "open")
        self._pledged: set[str] = set()

    def write(self, record: DirectRecord) -> None:
        """See Books."""
        direct_requests(record.why, record.outcome).inc()
        super().write(record)
        if record.response_id in self._pledged:
            self._pledged.discard(record.response_id)
            self._take_back(record.response_id)

    async def pledge(self, record: DirectRecord) -> None:
        """Have a record written at the next start, unless the request was recorded before. Returning means that neither
        `kill -9` nor a power loss changes that. Raises OSError."""
        await asyncio.to_thread(self._pledges.write, record.response_id, record.entry())
        self._pledged.add(record.response_id)

    def redeem(self, now: float) -> None:
        """Record what an earlier process left open; `now` is Unix time. The spool is entered before."""
        for name, entry in self._pledges.pending().items():
            if self.waiting(name) is None and (record := self.read(entry)) is not None:
                log.warning("%s was open when an earlier process ended", name)
                self.write(replace(record, ended_at=now))
            self._take_back(name)

    def _take_back(self, name: str) -> None:
        """Whatever says so twice says it under one event id: the first one counts."""
        try:
            self._pledges.delete(name)
        except OSError as error:
            log.error("the failure of %s will be published again, without effect: %s", name, error)
