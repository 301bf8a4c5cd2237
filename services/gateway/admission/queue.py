"""Queue of requests that wait for a permit before acceptance (ADR 25): nothing of them is on the log or on disk.

A free permit is acquired immediately, at the cost of a counter. Otherwise a request joins the queue. A full queue or
too long an expected wait rejects it immediately, with the seconds after which it would be admitted. A gateway that
stops waits for the requests in flight.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from math import ceil

from libs.ports.erasures import RequestRef
from services.gateway.admission.queued_requests import QueuedRequest, Waiter, WaitingRequests
from services.gateway.domain.admission.retry_schedule import RetrySchedule
from services.gateway.domain.admission.shares import Admission
from services.gateway.domain.admission.wait_queue import CompletionRate, WaitQueue, requests_before
from services.gateway.domain.errors import RequestRefused, erased, queue_full
from services.gateway.telemetry import EXPECTED_WAIT, REFUSED, WAIT_SECONDS, WAITING

CLOSING_S = 0.5


class InFlightTracker:
    """`enter` and `exit` are synchronous and never yield."""

    __slots__ = ("_empty", "_here")

    def __init__(self) -> None:
        self._here = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self) -> None:
        self._here += 1
        self._empty.clear()

    def exit(self) -> None:
        self._here -= 1
        if not self._here:
            self._empty.set()

    async def wait_idle(self, timeout_s: float) -> bool:
        """False on timeout."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def drain(self, grace_s: float, end_the_rest: Callable[[], None]) -> None:
        """Wait `grace_s` seconds for all to exit, then end the rest. Returns at most half a second after the grace."""
        if not await self.wait_idle(grace_s):
            end_the_rest()
            await self.wait_idle(CLOSING_S)


LOOK_EVERY_S = 1.0

AIM = 0.9  # of the longest wait: the target for the retry of a rejected client

EXPECTED = 5  # scheduled retries of rejected requests, as a multiple of those that may wait

GRACE = 4.0  # multiple of the longest wait, for a retry at its scheduled time: rates change meanwhile

UNKNOWN_S = 60.0  # Retry-After while no rate is measured; official clients wait no longer


class AdmissionQueue:
    """The permits of one `admission`, and the requests that wait for them. `name` is a metric label."""

    def __init__(self, admission: Admission, waiting: WaitingRequests, name: str) -> None:
        self.admission = admission
        self._all = waiting
        self._name = name
        self._rate = CompletionRate()
        self._queue: WaitQueue[Waiter] = WaitQueue()
        self._expected = RetrySchedule(waiting.limits.most * EXPECTED)
        self._refusal: Callable[[], RequestRefused] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_enabled(self) -> bool:
        return self._all.limits.most > 0

    def admit_if_free(self, tenant: str) -> bool:
        """Acquire a permit without waiting. Returns False when none is free, or requests of the tenant wait already."""
        waits = self._queue.length and self._queue.count(tenant)
        return not waits and self.admission.admit_if_free(tenant)

    def is_free(self, tenant: str) -> bool:
        """True if `admit_if_free` would succeed. Acquires nothing."""
        waits = self._queue.length and self._queue.count(tenant)
        return not waits and self.admission.has_capacity(tenant)

    def started(self, now: float) -> None:
        """Count an admitted request whose work starts at `now` (time of the loop)."""
        self._rate.started(now)

    def release(self, tenant: str, started_at: float | None, now: float) -> None:
        """Release a permit and grant it to the next request immediately. `started_at` is None for an unused permit."""
        self.admission.leave(tenant)
        if started_at is not None:
            self._rate.ended(started_at, now)
        if self._queue.length:
            self._grant(now)

    def reserve(self, tenant: str) -> None:
        """Reserve an entry for a request that is not read yet. Raises RequestRefused (503)."""
        if self._refusal is not None:
            raise self._refusal()
        if not self._all.fits(tenant, 0):
            raise self._rejected(tenant, None, 1, self._all.limits.wait_s)
        self._all.add(tenant, 0)

    def cancel_reservation(self, tenant: str) -> None:
        """Release the entry of a request that joins the queue now, or never."""
        self._all.remove(tenant, 0)

    def join(self, request: QueuedRequest) -> Waiter:
        """Abandon the waiter unless it gets its permit.

        Raises RequestRefused (503) when the queue is full or the expected wait is too long.
        """
        now, tenant = _now(), request.ref.tenant
        if self._refusal is not None:
            raise self._refusal()
        self.admission.limit.refused()
        wait_s = self._admitted_wait_s(request, now)
        EXPECTED_WAIT.labels(self._name).set(wait_s)
        self._all.add(tenant, request.size)
        waiter = Waiter(request, now, self._before(tenant, {}) + 1)
        self._queue.append(tenant, waiter)
        WAITING.labels(self._name).inc()
        self._grant(now)
        self._look_later()
        return waiter

    def leave(self, waiter: Waiter) -> None:
        """Remove a waiter from the queue. A waiter with a permit is no longer queued, and keeps its permit."""
        if self._queue.remove(waiter.request.ref.tenant, waiter):
            self._has_left(waiter)

    def abandon(self, waiter: Waiter) -> None:
        """Remove a waiter from the queue, and release its permit if it has one."""
        self.leave(waiter)
        if waiter.granted_at is not None:
            self.release(waiter.request.ref.tenant, waiter.granted_at, _now())

    def refs(self) -> Iterator[RequestRef]:
        return (waiter.request.ref for waiter in self._queue)

    def end_erased(self, requests: Collection[RequestRef]) -> None:
        """Reject waiting requests whose subject was erased."""
        self._refuse(lambda waiter: waiter.request.ref in requests, erased)

    def close(self, refusal: Callable[[], RequestRefused]) -> None:
        """Reject all waiting and all later requests."""
        self._refusal = refusal
        self._refuse(lambda _: True, refusal)

    def _refuse(self, chosen: Callable[[Waiter], bool], refusal: Callable[[], RequestRefused]) -> None:
        for waiter in [each for each in self._queue if chosen(each)]:
            self.leave(waiter)
            waiter.refuse(refusal())

    def _admitted_wait_s(self, request: QueuedRequest, now: float) -> float:
        """Expected wait of a request that may join. Raises RequestRefused (503)."""
        tenant, limits = request.ref.tenant, self._all.limits
        invited = self._expected.redeem(tenant, request.digest, now)
        expected = {} if invited else self._expected.counts(now)
        wait_s = self._wait_s(tenant, expected, now)
        missing = max(0, 1 + self._all.count + sum(expected.values()) - limits.most)
        if not self._all.fits(tenant, request.size):
            missing = max(missing, 1 + expected.get(tenant, 0))
        if not missing and wait_s <= min(limits.wait_s * (GRACE if invited else 1.0), request.deadline_s):
            return wait_s
        raise self._rejected(tenant, request.digest, missing, min(limits.wait_s, request.deadline_s))

    def _rejected(self, tenant: str, digest: int | None, missing: int, longest_s: float) -> RequestRefused:
        """Schedules the retry of a rejected request for the time when it would be admitted.

        A request that was not read has no digest, so its retry cannot be recognised.
        """
        now = _now()
        wait_s = self._wait_s(tenant, self._expected.counts(now), now)
        rate_wait_s = self._rate.wait_s(missing, now) if missing else 0.0
        unknown_s = UNKNOWN_S if not self._rate.per_s(now) else 0.0
        retry_after_s = max(1, ceil(max(wait_s - AIM * longest_s, rate_wait_s, unknown_s)))
        if digest is not None:
            self._expected.invite(tenant, digest, now + retry_after_s)
        REFUSED.labels("queue_full" if missing else "expected_wait").inc()
        return queue_full(retry_after_s)

    def _wait_s(self, tenant: str, expected: dict[str, int], now: float) -> float:
        own = self._queue.count(tenant) + expected.get(tenant, 0)
        return max(
            self._rate.wait_s(self._before(tenant, expected), now),
            self._rate.wait_s(0, now) * self.admission.own_turns(tenant, own),
        )

    def _before(self, tenant: str, expected: dict[str, int]) -> int:
        counts = self._queue.counts()
        for each, count in expected.items():
            counts[each] = counts.get(each, 0) + count
        own = counts.pop(tenant, 0)
        return requests_before(own, counts.values())

    def _grant(self, now: float) -> None:
        admission = self.admission
        while (waiter := self._queue.pop(admission.has_capacity, admission.open_of)) is not None:
            self._has_left(waiter)
            try:
                waiter.request.still_allowed()
            except RequestRefused as refusal:
                waiter.refuse(refusal)
                continue
            admission.admit(waiter.request.ref.tenant)
            self._rate.started(now)
            waiter.granted_at = now
            waiter.changed.set()
            WAIT_SECONDS.labels(self._name).observe(now - waiter.joined_at)

    def _has_left(self, waiter: Waiter) -> None:
        self._all.remove(waiter.request.ref.tenant, waiter.request.size)
        WAITING.labels(self._name).dec()

    def _look_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        """Update positions, and reject waiters whose deadline has passed or whose key was revoked."""
        self._timer = None
        now = _now()
        self._grant(now)  # the limit may have grown
        for waiter in [each for each in self._queue if each.due_at <= now]:
            self.leave(waiter)
            waiter.refuse(queue_full(max(1, ceil(self._wait_s(waiter.request.ref.tenant, {}, now)))))
        for waiter, position in list(self._queue.positions()):
            self._update(waiter, position)
        if self._queue:
            self._look_later()

    def _update(self, waiter: Waiter, position: int) -> None:
        try:
            waiter.request.still_allowed()
        except RequestRefused as refusal:
            self.leave(waiter)
            waiter.refuse(refusal)
            return
        if position != waiter.position:
            waiter.position = position
            waiter.changed.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
