"""Exponential backoff, and retries while a dependency is unavailable."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from libs.core.errors import Retryable
from libs.runtime.watchdog.work import watchdog_paused

log = logging.getLogger(__name__)
JITTER = (0.8, 1.2)


@dataclass(frozen=True)
class Backoff:
    """The pause doubles from `first_s` up to `cap_s`, each ± 20 %."""

    first_s: float = 0.2
    cap_s: float = 5.0

    def pause_s(self, attempt: int) -> float:
        """`attempt` counts from 1."""
        return min(self.cap_s, self.first_s * 2.0 ** min(attempt - 1, 30)) * random.uniform(*JITTER)


async def retry_until_available(work: Callable[[], Awaitable[None]], backoff: Backoff, waits: str) -> None:
    """Run the work; retry with backoff while it is `Retryable`. `waits` is the log's text for the wait."""
    attempt = 1
    while True:
        try:
            return await work()
        except Retryable as error:
            log.warning("%s: %s", waits, error)
            with watchdog_paused():
                await asyncio.sleep(backoff.pause_s(attempt))
            attempt += 1
