"""A semaphore that tenants share fairly."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

RECENT_S = 10.0


class TooManyWaiters(Exception):
    """The wait queue is full, and this tenant has used its share of it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    tenant: str
    granted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class FairSemaphore:
    """At most `permits` holders; `waiting` more calls may wait. Granted by turns between tenants.

    The tenant with the fewest permits is next; among equals the one whose last grant is the oldest; within a tenant the
    call that waits longest. A tenant alone may hold every permit. If another tenant was active in the last 10 s
    (`RECENT_S`), a tenant may hold half of them, so that a newcomer need not wait. If the wait queue is full, the
    tenant with most waiters loses its latest one to a tenant with fewer.
    """

    def __init__(
        self, permits: int, waiting: int, now: Callable[[], float] | None = None, *, lasting: bool = False
    ) -> None:
        """`lasting`: permits are held long, so a tenant alone leaves a quarter of them free for others.

        `now` returns seconds of a monotonic clock; None: the event loop's.
        """
        self._permits, self._most_waiting = permits, waiting
        self._alone = permits - permits // 4 if lasting else permits
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._running: Counter[str] = Counter()
        self._total = 0
        self._waiters: list[_Waiter] = []
        self._seen: dict[str, float] = {}  # the latest last
        self._granted_in_order: dict[str, int] = {}
        self._entries = 0

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    @asynccontextmanager
    async def permit(self, tenant: str) -> AsyncIterator[None]:
        """Hold a permit within the block. Raises TooManyWaiters."""
        await self.acquire(tenant)
        try:
            yield
        finally:
            self.release(tenant)

    async def acquire(self, tenant: str) -> None:
        """Wait for a permit. Raises TooManyWaiters. A cancelled call holds no permit."""
        self._record_tenant(tenant)
        if self._may_run(tenant):  # the waiters are over their share, or they would hold it
            self._grant(tenant)
            return
        self._make_queue_space(tenant)
        waiter = _Waiter(tenant)
        self._waiters.append(waiter)
        try:
            await waiter.granted
        except asyncio.CancelledError:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            elif waiter.granted.done() and not waiter.granted.cancelled() and waiter.granted.exception() is None:
                self.release(tenant)
            raise

    def release(self, tenant: str) -> None:
        """Release a permit and grant it to the next waiter at once."""
        self._total -= 1
        self._running[tenant] -= 1
        if not self._running[tenant]:
            del self._running[tenant]
        while (following := self._next_waiter()) is not None:
            self._waiters.remove(following)
            if not following.granted.done():
                self._grant(following.tenant)
                following.granted.set_result(None)

    def _grant(self, tenant: str) -> None:
        self._running[tenant] += 1
        self._total += 1
        self._entries += 1
        self._granted_in_order[tenant] = self._entries

    def _next_waiter(self) -> _Waiter | None:
        ready = (waiter for waiter in self._waiters if self._may_run(waiter.tenant))
        return min(
            ready, key=lambda one: (self._running[one.tenant], self._granted_in_order.get(one.tenant, 0)), default=None
        )

    def _may_run(self, tenant: str) -> bool:
        if self._total >= self._permits:
            return False
        return self._running[tenant] < (max(1, self._permits // 2) if self._is_crowded(tenant) else self._alone)

    def _make_queue_space(self, tenant: str) -> None:
        """Reject the latest waiter of the tenant with most waiters, or this call if no tenant has more than its own."""
        if len(self._waiters) < self._most_waiting:
            return
        of_tenants = Counter(waiter.tenant for waiter in self._waiters)
        greediest, most = of_tenants.most_common(1)[0] if of_tenants else (tenant, 0)
        if most <= of_tenants[tenant] + 1:
            raise TooManyWaiters
        latest = next(waiter for waiter in reversed(self._waiters) if waiter.tenant == greediest)
        self._waiters.remove(latest)
        if not latest.granted.done():
            latest.granted.set_exception(TooManyWaiters())

    def _record_tenant(self, tenant: str) -> None:
        now = self._now()
        self._seen.pop(tenant, None)
        self._seen[tenant] = now
        while (oldest := next(iter(self._seen))) != tenant and self._seen[oldest] < now - RECENT_S:
            del self._seen[oldest]
            self._granted_in_order.pop(oldest, None)

    def _is_crowded(self, tenant: str) -> bool:
        others: Iterator[str] = (other for other in reversed(self._seen) if other != tenant)
        latest = next(others, None)
        return latest is not None and self._seen[latest] >= self._now() - RECENT_S
