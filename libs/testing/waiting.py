"""Bounded and recorded waits in tests: a test that passes after a long wait may hide a broken rule."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar, overload

from libs.core.clock import Clock, SystemClock

T = TypeVar("T")
WAIT_TIMEOUT_S = 60.0  # ends a hang; not a limit of the test


@dataclass
class WaitRecorder:
    """Time during which at least one wait runs; concurrent waits count once.

    Real time, also in a loop with virtual time.
    """

    clock: Clock = field(default_factory=SystemClock)
    total_s: float = 0.0
    _open: int = 0
    _began: float = 0.0

    @contextmanager
    def record(self) -> Iterator[None]:
        """Count the time in the block."""
        if self._open == 0:
            self._began = self.clock.monotonic()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if self._open == 0:
                self.total_s += self.clock.monotonic() - self._began

    def restart(self) -> float:
        """Seconds since the last restart, running waits included. Resets the count to zero."""
        now = self.clock.monotonic()
        waited_s = self.total_s + (now - self._began if self._open else 0.0)
        self.total_s, self._began = 0.0, now
        return waited_s


WAITS = WaitRecorder()  # of this process; the suite reads it after each test


@asynccontextmanager
async def waiting(within_s: float = WAIT_TIMEOUT_S) -> AsyncIterator[asyncio.Timeout]:
    """Bound a wait, as `asyncio.timeout` does, and records it. Raises TimeoutError."""
    with WAITS.record():
        async with asyncio.timeout(within_s) as timeout:
            yield timeout


@overload
async def eventually(
    met: Callable[[], Coroutine[object, object, T | None]], *, within_s: float = ..., look_every_s: float = ...
) -> T: ...


@overload
async def eventually(met: Callable[[], T | None], *, within_s: float = ..., look_every_s: float = ...) -> T: ...


async def eventually(
    met: Callable[[], object], *, within_s: float = WAIT_TIMEOUT_S, look_every_s: float = 0.01
) -> object:
    """Poll until a fact without a notification is true, or found, and return it. Raises TimeoutError.

    `met` may be a coroutine function.
    """
    async with waiting(within_s):
        while not (found := await _value(met())):  # noqa: ASYNC110 - the one poll of all tests
            await asyncio.sleep(look_every_s)
    return found


async def _value(found: object) -> object:
    return await found if inspect.isawaitable(found) else found
