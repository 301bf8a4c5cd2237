"""Turns at a look-up: so many at once, shared among tenants, and nobody waits for one for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from services.gateway.domain.errors import overloaded

PERMIT_TIMEOUT_S = 5.0
WAITING = 256


class LookupPermits:
    """At most `places` at once. A tenant that is alone leaves a quarter of them to who may come: a look-up may last.

    `patience_s` is how long a request waits for a place."""

    def __init__(self, permits: int, timeout_s: float = PERMIT_TIMEOUT_S) -> None:
        self._semaphore = FairSemaphore(permits, WAITING, lasting=True)
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def permit(self, tenant: str) -> AsyncIterator[None]:
        """Have a turn while the block runs. Raises RequestRefused (503) where it does not come soon."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._semaphore.acquire(tenant)
        except (TimeoutError, TooManyWaiters) as error:
            raise overloaded() from error
        try:
            yield
        finally:
            self._semaphore.release(tenant)
