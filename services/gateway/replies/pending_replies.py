"""Pending replies: clients that opened a response, and clients that follow one.

An end is recorded before it is sent, so that no later event on the log can change it.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from enum import Enum

from libs.contracts.answer import AnswerFinished
from libs.contracts.model_call import Usage
from libs.contracts.progress import RequestOpened
from services.gateway.admission.queue import AdmissionQueue, InFlightTracker
from services.gateway.admission.queued_requests import WaitingRequests, no_waiting
from services.gateway.domain.admission.shares import Admission, FinishedRequest
from services.gateway.domain.errors import RequestRefused, instance_replaced, stopping
from services.gateway.telemetry import ADMITTED, CONCURRENCY_LIMIT, FOLLOWERS, IN_FLIGHT, REFUSED


class Ending(Enum):
    """The reason of an end that the fleet did not publish."""

    CLIENT_GONE = "client gone"
    TIMED_OUT = "timed out"
    STOPPING = "stopping"
    ERASED = "erased"


End = AnswerFinished | Ending

RecordEnd = Callable[[AnswerFinished], Awaitable[None]]


async def no_record(_: AnswerFinished) -> None:
    """Record nothing: the log is on disk."""


class PendingReply:
    """One waiting client. The first end counts. `opened` is set once the request is accepted or found.

    `met` counts the requests that were open at its registration, itself included. `begun_at` is the start of the
    fleet's work, in seconds of the loop; None before.
    """

    def __init__(self, response_id: str, tenant: str, record_end: RecordEnd = no_record) -> None:
        self.response_id = response_id
        self.tenant = tenant
        self.opened: RequestOpened | None = None
        self.met = 0
        self.begun_at: float | None = None
        self._loop = asyncio.get_running_loop()
        self.since = self._loop.time()
        self._end: asyncio.Future[End] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._record_end = record_end

    @property
    def ended(self) -> bool:
        return self._end.done()

    @property
    def usage(self) -> Usage | None:
        """None while unknown."""
        end = self.finished
        return end.usage if end is not None else None

    @property
    def finished(self) -> AnswerFinished | None:
        """The end that the fleet published; None before it, and for any other end."""
        end = self._end.result() if self.ended and not self._end.cancelled() else None
        return end if isinstance(end, AnswerFinished) else None

    def resolve(self, end: End) -> None:
        """Set the end. Later ends are ignored."""
        if not self._end.done():
            self._end.set_result(end)

    def expire_in(self, seconds: float) -> None:
        """Resolve as TIMED_OUT after this many seconds."""
        self._timer = self._loop.call_later(seconds, self.resolve, Ending.TIMED_OUT)

    async def end(self) -> End:
        """Wait for the end, and record it before returning: it may be sent then. For one waiter only."""
        end = await self._end
        if isinstance(end, AnswerFinished):
            await self._record_end(end)
        return end

    def stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


MAX_FOLLOWERS = 1024

log = logging.getLogger(__name__)


class PendingReplies:
    """Admits requests, delivers the ends that the fleet publishes, and drains requests when the gateway stops."""

    def __init__(
        self, admission: Admission, record_end: RecordEnd = no_record, waiting: WaitingRequests | None = None
    ) -> None:
        self._admission = admission
        self.queue = AdmissionQueue(admission, waiting or no_waiting(admission), "fleet")
        self._follower_admission = admission.beside(MAX_FOLLOWERS)
        self._record_end = record_end
        self._pending: dict[str, PendingReply] = {}
        self._followers: defaultdict[str, set[PendingReply]] = defaultdict(set)
        self._refusal: Callable[[], RequestRefused] | None = None
        self._in_flight = InFlightTracker()
        IN_FLIGHT.set_function(lambda: self.in_flight)

    @property
    def in_flight(self) -> int:
        return len(self._pending)

    @property
    def followers(self) -> int:
        """Clients that follow a response that they did not open here."""
        return self._follower_admission.open

    @contextmanager
    def pending(self, response_id: str, tenant: str) -> Iterator[PendingReply]:
        """Register a request while the block runs. Raises RequestRefused (429, 503) when no permit is free."""
        pending = self.register(response_id, tenant)
        try:
            yield pending
        finally:
            self.release(pending)

    def register(self, response_id: str, tenant: str) -> PendingReply:
        """Register a request; the caller must release it. Raises RequestRefused (429, 503) when no permit is free."""
        self._admit(self._admission, tenant)
        return self._add(PendingReply(response_id, tenant, self._record_end))

    def register_if_free(self, response_id: str, tenant: str) -> PendingReply | None:
        """Register a request if it need not wait, else return None. Raises RequestRefused (503) after `close` or
        `drain`."""
        if self._refusal is None:
            return (
                self._add(PendingReply(response_id, tenant, self._record_end))
                if self.queue.admit_if_free(tenant)
                else None
            )
        return self.register(response_id, tenant)  # raises

    def mark_started(self, pending: PendingReply) -> None:
        """Mark the start of the fleet's work on a request. Before, it is being read, may be rejected or may be a direct
        request. Idempotent."""
        if pending.begun_at is None:
            pending.begun_at = asyncio.get_running_loop().time()
            self.queue.started(pending.begun_at)

    def register_granted(self, response_id: str, tenant: str, granted_at: float) -> PendingReply:
        """Register a request with a permit that the queue granted at `granted_at` (time of the loop)."""
        pending = self._add(PendingReply(response_id, tenant, self._record_end))
        pending.since = pending.begun_at = granted_at
        return pending

    def release(self, pending: PendingReply) -> None:
        """Idempotent."""
        pending.stop_waiting()
        if self._pending.get(pending.response_id) is pending:
            del self._pending[pending.response_id]
            self._in_flight.exit()
            self.queue.release(pending.tenant, pending.begun_at, asyncio.get_running_loop().time())

    @contextmanager
    def follow(self, response_id: str, tenant: str) -> Iterator[PendingReply]:
        """Follow a response while the block runs. Raises RequestRefused (429, 503) when no permit is free."""
        self._admit(self._follower_admission, tenant)
        pending = PendingReply(response_id, tenant, self._record_end)
        self._followers[response_id].add(pending)
        self._in_flight.enter()
        FOLLOWERS.set(self.followers)
        try:
            yield pending
        finally:
            pending.stop_waiting()
            self._followers[response_id].discard(pending)
            if not self._followers[response_id]:
                del self._followers[response_id]
            self._follower_admission.leave(tenant)
            FOLLOWERS.set(self.followers)
            self._in_flight.exit()

    def opened(self, response_id: str, tenant: str) -> RequestOpened | None:
        """None unless an accepted request of the tenant is open here."""
        pending = self._pending.get(response_id)
        return pending.opened if pending is not None and pending.tenant == tenant and not pending.ended else None

    def open_requests(self) -> list[RequestOpened]:
        """Requests with a waiting client here, also those of other instances."""
        return [pending.opened for pending in self._all() if pending.opened is not None and not pending.ended]

    def end_erased(self, response_ids: Collection[str]) -> None:
        """Resolve these responses as ERASED."""
        for pending in self._all():
            if pending.response_id in response_ids:
                pending.resolve(Ending.ERASED)

    def deliver(self, event: AnswerFinished) -> None:
        """Deliver an end to its waiting clients. Unknown ids and events of another tenant are ignored."""
        response_id, tenant = event.envelope.response_id, event.envelope.tenant
        for pending in self._waiting_for(response_id):
            if pending.tenant != tenant:
                log.error("%s: an end of another tenant was ignored", response_id)
                continue
            if pending is self._pending.get(response_id) and not pending.ended:
                self._update_limit(pending, event)
            pending.resolve(event)

    def close(self) -> None:
        """Reject new requests, because another instance holds the partition; open requests continue."""
        self._refusal = instance_replaced
        self.queue.close(instance_replaced)

    async def drain(self, grace_s: float) -> None:
        """Reject new requests, wait `grace_s` seconds for the open ones, then resolve the rest as STOPPING.

        Returns when all have left, at most half a second after the grace.
        """
        self._refusal = stopping
        self.queue.close(stopping)
        await self._in_flight.drain(grace_s, self._end_all)

    async def wait_idle(self, timeout_s: float) -> bool:
        """False on timeout."""
        return await self._in_flight.wait_idle(timeout_s)

    def _add(self, pending: PendingReply) -> PendingReply:
        ADMITTED.inc()
        self._pending[pending.response_id] = pending
        pending.met = self._admission.open
        self._in_flight.enter()
        return pending

    def _end_all(self) -> None:
        for pending in self._all():
            pending.resolve(Ending.STOPPING)

    def _all(self) -> list[PendingReply]:
        return [*self._pending.values(), *(pending for followers in self._followers.values() for pending in followers)]

    def _admit(self, admission: Admission, tenant: str) -> None:
        try:
            if self._refusal is not None:
                raise self._refusal()
            admission.admit(tenant)
        except RequestRefused as refusal:
            REFUSED.labels(refusal.error.code).inc()
            raise

    def _waiting_for(self, response_id: str) -> list[PendingReply]:
        owner = self._pending.get(response_id)
        return [*([owner] if owner is not None else []), *self._followers.get(response_id, ())]

    def _update_limit(self, pending: PendingReply, event: AnswerFinished) -> None:
        if event.outcome != "cancelled":
            now = asyncio.get_running_loop().time()
            end = FinishedRequest(pending.since, now, pending.met, event.envelope.waited_ms, self._admission.open)
            self._admission.limit.ended(end)
            CONCURRENCY_LIMIT.set(self._admission.limit.value)
