"""Permits for look-ups: bounded, shared fairly among tenants, with a short timeout."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from services.gateway.domain.errors import overloaded

PERMIT_TIMEOUT_S = 5.0
WAITING = 256


class LookupPermits:
    """At most `permits` at once. A tenant alone leaves a quarter of them free for others: a look-up may last.

    `timeout_s` is the longest wait for a permit, in seconds.
    """

    def __init__(self, permits: int, timeout_s: float = PERMIT_TIMEOUT_S) -> None:
        self._semaphore = FairSemaphore(permits, WAITING, lasting=True)
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def permit(self, tenant: str) -> AsyncIterator[None]:
        """Hold a permit while the block runs. Raises RequestRefused (503) on timeout or a full wait queue."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._semaphore.acquire(tenant)
        except (TimeoutError, TooManyWaiters) as error:
            raise overloaded() from error
        try:
            yield
        finally:
            self._semaphore.release(tenant)
