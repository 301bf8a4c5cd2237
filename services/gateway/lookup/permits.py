"""Turns at a look-up: so many at once, shared among tenants, and nobody waits for one for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from services.gateway.domain.errors import overloaded

PATIENCE_S = 5.0
WAITING = 256


class LookupTurns:
    """At most `places` at once. A tenant that is alone leaves a quarter of them to who may come: a look-up may last.

    `patience_s` is how long a request waits for a place."""

    def __init__(self, places: int, patience_s: float = PATIENCE_S) -> None:
        self._turns = FairSemaphore(places, WAITING, lasting=True)
        self._patience_s = patience_s

    @asynccontextmanager
    async def turn(self, tenant: str) -> AsyncIterator[None]:
        """Have a turn while the block runs. Raises RequestRefused (503) where it does not come soon."""
        try:
            async with asyncio.timeout(self._patience_s):
                await self._turns.acquire(tenant)
        except (TimeoutError, TooManyWaiters) as error:
            raise overloaded() from error
        try:
            yield
        finally:
            self._turns.release(tenant)
