"""The outbox of direct requests, background requests included."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from libs.adapters.files.spool import IntentLog
from services.gateway.domain.direct.record import DirectRecord, read_record
from services.gateway.outbox import Outbox
from services.gateway.telemetry import direct_requests

log = logging.getLogger(__name__)


class DirectOutbox(Outbox[DirectRecord]):
    """An Outbox that also tracks requests without a record, in a write-ahead intent log."""

    def __init__(self, folder: Path, capacity_bytes: int) -> None:
        super().__init__(folder, capacity_bytes, read_record)
        self._intents = IntentLog(folder / "open")
        self._intended: set[str] = set()

    def write(self, record: DirectRecord) -> None:
        direct_requests(record.why, record.outcome).inc()
        super().write(record)
        if record.response_id in self._intended:
            self._intended.discard(record.response_id)
            self._delete_intent(record.response_id)

    async def log_intent(self, record: DirectRecord) -> None:
        """Log a record that the next start writes unless the request is recorded before.

        The intent is durable on return: it survives `kill -9` and a power loss. Raises OSError.
        """
        await asyncio.to_thread(self._intents.write, record.response_id, record.entry())
        self._intended.add(record.response_id)

    def recover(self, now: float) -> None:
        """Record requests that an earlier process left open; `now` is Unix time. Call it after the spool is entered."""
        for name, entry in self._intents.pending().items():
            if self.undelivered(name) is None and (record := self.read(entry)) is not None:
                log.warning("%s was open when an earlier process ended", name)
                self.write(replace(record, ended_at=now))
            self._delete_intent(name)

    def _delete_intent(self, name: str) -> None:
        """A repeated record has the same event id, and the first one counts."""
        try:
            self._intents.delete(name)
        except OSError as error:
            log.error("the failure of %s will be published again, without effect: %s", name, error)
