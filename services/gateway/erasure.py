"""Ends in-flight requests of erased subjects, and redacts records that are not on the log yet.

The database announces erasures. The fleet stops as for a cancelled request. The journal stores later messages of the
fleet without content, and no route shows them.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.core.clock import Clock, SystemClock
from libs.core.errors import ConfigurationError, Retryable, Unstorable
from libs.core.ids import accepted_at_of
from libs.core.tasks import TaskSet
from libs.ports.bus import Publisher
from libs.ports.erasures import ErasureLookup, RequestRef
from libs.ports.key_values import KeyValueStore, KeyValueStoreUnavailable
from libs.runtime.service import Worker
from services.gateway.direct.proxy import DirectProxy
from services.gateway.domain.cached_answer_record import CachedAnswerRecord
from services.gateway.outbox import Outbox
from services.gateway.replies.pending_replies import PendingReplies

# A request may be arriving when an erasure is announced: its subject is not known yet.
LOOK_AGAIN_S = (1.0, 5.0, 30.0)
STREAM_CLOSED_S = 3600
FIRST_CHECK_S = 60.0
RETRY_S = 0.5
Follow: TypeAlias = Callable[[Callable[[], None]], AbstractAsyncContextManager[object]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestsHere:
    """Everything in this process that holds text of requests."""

    pending_replies: PendingReplies
    direct: DirectProxy | None
    cached_answers: Outbox[CachedAnswerRecord]

    def refs(self) -> set[RequestRef]:
        refs = {_ref_of(opened) for opened in self.pending_replies.open_requests()}.union(
            self.cached_answers.refs(), self.pending_replies.queue.refs()
        )
        if self.direct is None:
            return refs
        waiting = self.direct.queues.refs() if self.direct.queues is not None else ()
        return refs.union(self.direct.admission.refs(), self.direct.outbox.refs(), waiting)

    def end(self, requests: Collection[RequestRef]) -> Sequence[RequestOpened]:
        """Also redacts their records. Returns the requests that the fleet works on."""
        opened = {
            each.envelope.response_id: each
            for each in self.pending_replies.open_requests()
            if _ref_of(each) in requests
        }
        self.pending_replies.end_erased(opened)
        self.pending_replies.queue.end_erased(requests)
        self.cached_answers.redact(requests)
        if self.direct is not None:
            self.direct.admission.end_erased(requests)
            if self.direct.queues is not None:
                self.direct.queues.end_erased(requests)
            self.direct.outbox.redact(requests)
        return tuple(opened.values())


@dataclass
class ErasureFollower:
    """A worker of the gateway. The context of `follow` runs a callback at its start and after each announcement; it
    may hold a session with a snapshot meanwhile, so the callback only wakes this worker.

    `stream_key` returns the key of a response's deltas in `key_values`.
    """

    here: RequestsHere
    erasures: ErasureLookup
    follow: Follow
    key_values: KeyValueStore
    stream_key: Callable[[str], str]
    clock: Clock = field(default_factory=SystemClock)
    _checked: asyncio.Event = field(default_factory=asyncio.Event)

    def after_first_check(self, deliver: Worker) -> Worker:
        """A worker that publishes records of an earlier process only after its erasures were looked up.

        Waits no longer than `FIRST_CHECK_S`: without a database, records must not fill the disk.
        """

        async def work(publisher: Publisher) -> None:
            if self.here.refs():
                with suppress(TimeoutError):
                    async with asyncio.timeout(FIRST_CHECK_S):
                        await self._checked.wait()
            await deliver(publisher)

        return work

    async def work(self, publisher: Publisher) -> None:
        """Follow erasures until cancelled."""
        later = TaskSet(lambda error: log.error("requests of erased subjects may still run", exc_info=error))

        announced = asyncio.Event()
        try:
            async with self.follow(announced.set):
                while True:
                    await announced.wait()
                    announced.clear()
                    before = self.clock.now()
                    await self._end_erased_at_last(publisher, before)
                    self._checked.set()
                    later.start(self._end_late(publisher, before), name="look for erased requests again")
        finally:
            await later.cancel()

    async def _end_erased_at_last(self, publisher: Publisher, accepted_before: float) -> None:
        """Retry while the database or the log is unavailable."""
        failed = False
        while True:
            try:
                return await self.end_erased(publisher, accepted_before)
            except (Retryable, ConfigurationError, Unstorable) as error:
                if not failed:
                    log.warning("requests of erased subjects may still run: %s", error)
                failed = True
                await asyncio.sleep(RETRY_S)

    async def end_erased(self, publisher: Publisher, accepted_before: float) -> None:
        """End erased requests accepted before `accepted_before` (Unix time, seconds). Raises Retryable."""
        refs = [ref for ref in self.here.refs() if accepted_at_of(ref.response_id) <= accepted_before]
        if not refs or not (erased := await self.erasures.erased(refs)):
            return
        running = self.here.end(erased)
        log.info("erased subjects: ended or cleared %d requests", len(erased))
        for opened in running:
            await self._close_stream(opened.envelope.response_id)
        await publisher.publish(*(RequestCancelled(reason="erased").after(opened) for opened in running))

    async def _end_late(self, publisher: Publisher, accepted_before: float) -> None:
        for seconds in LOOK_AGAIN_S:
            await asyncio.sleep(seconds)
            with suppress(Retryable):  # a response that cannot be checked is not shown either
                await self.end_erased(publisher, accepted_before)

    async def _close_stream(self, response_id: str) -> None:
        """Replace the stream by a plain value, to which no delta can be appended."""
        try:
            await self.key_values.put(self.stream_key(response_id), b"", STREAM_CLOSED_S)
        except KeyValueStoreUnavailable as error:
            log.warning("the stream of %s ends by itself in 10 minutes: %s", response_id, error)


def _ref_of(opened: RequestOpened) -> RequestRef:
    envelope = opened.envelope
    return RequestRef(envelope.tenant, envelope.response_id, envelope.subject)
