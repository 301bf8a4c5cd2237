"""Restores requests that outlived their log, and deletes ended ones; only for an in-memory broker."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from libs.contracts.message import Message
from libs.core.clock import Clock, SystemClock
from libs.core.errors import ConfigurationError, Rejected, Retryable, Unstorable
from libs.ports.bus import Publisher
from libs.ports.journal import JournalReader, in_log_order
from libs.ports.write_ahead import PendingRequest, RecoveryStore
from libs.runtime.messaging.codec import read
from libs.runtime.messaging.signing import Signer
from services.journal.domain.restoration import Recorded, Restoration, restoration_of
from services.journal.telemetry import RESTORED

AT_ONCE = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RestoringIntervals:
    """A round every `pause_s` seconds; after an error of a store, the next attempt follows after `again_s` more."""

    pause_s: float = 2.0
    again_s: float = 1.0


@dataclass
class Restorer:
    """A worker and a readiness check: the fleet is ready when all previously accepted requests are restored."""

    open_requests: Callable[[], AbstractAsyncContextManager[RecoveryStore]]
    reader: JournalReader
    signer: Signer
    rules: RestoringIntervals = RestoringIntervals()
    clock: Clock = field(default_factory=SystemClock)
    name: str = "restoring"
    required: bool = True
    _problem: str | None = "in_progress"

    async def __call__(self) -> str | None:
        return self._problem

    async def work(self, publisher: Publisher) -> None:
        """Restore and delete until cancelled."""
        while True:
            try:
                async with self.open_requests() as requests:
                    while True:
                        await self.round(requests, publisher)
                        await asyncio.sleep(self.rules.pause_s)
            except (Retryable, ConfigurationError, Unstorable) as error:
                log.warning("could not maintain write-ahead records: %s", error)
            await asyncio.sleep(self.rules.again_s)

    async def round(self, requests: RecoveryStore, publisher: Publisher) -> None:
        """Restore lost requests and delete ended ones. Raises Retryable and ConfigurationError."""
        done: Counter[str] = Counter()
        while lost := await requests.find_lost(AT_ONCE):
            for pending, restoration in zip(lost, await self._restorations(lost), strict=True):
                await _publish(publisher, *restoration.messages)
                await requests.mark_moved(pending)
                done[restoration.outcome] += 1
                RESTORED.labels(restoration.outcome).inc()
        if done:
            figures = (done.total(), done["answered"], done["continued"], done["expired"])
            log.info("restored %d requests: %d answered before, %d continued, %d expired", *figures)
        await self._republish(requests, publisher)
        self._problem = None
        await requests.delete_ended()

    async def _republish(self, requests: RecoveryStore, publisher: Publisher) -> None:
        """Republish recorded contributions that are not journaled, with their own ids, so that consumers drop
        repeats."""
        count = 0
        while unjournaled := await requests.unjournaled(AT_ONCE):
            for contribution in unjournaled:
                await _publish(publisher, contribution)
                await requests.mark_republished(contribution)
            count += len(unjournaled)
        if count:
            log.info("said %d ratings and sessions to remember again", count)

    async def _restorations(self, lost: Sequence[PendingRequest]) -> Sequence[Restoration]:
        return await asyncio.gather(*map(self._restoration, lost))

    async def _restoration(self, pending: PendingRequest) -> Restoration:
        tenant, response_id = pending.opened.envelope.request
        rows = in_log_order(await self.reader.history(response_id, tenant))
        records = [row.entry.record for row in rows if not row.erased]
        read_again = ((record.topic, read(record, self.signer)) for record in records)
        history = [Recorded(topic, message) for topic, message in read_again if message is not None]
        return restoration_of(pending, history, self.clock.now())


async def _publish(publisher: Publisher, *messages: Message) -> None:
    """Publish together. A rejected message is dropped: it would block all later ones, at each start."""
    try:
        await publisher.publish(*messages)
    except Rejected as error:
        log.error("%s is not restored: %s", messages[0].envelope.response_id, error)
