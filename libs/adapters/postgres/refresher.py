"""Keeps a part of Postgres in memory and reloads it when it changes."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass

from libs.adapters.postgres.connection import can_listen
from libs.adapters.postgres.sessions import Connection
from libs.core.clock import Clock, SystemClock
from libs.core.errors import ConfigurationError, Retryable, Unstorable
from libs.core.resource import Resource
from libs.core.tasks import TaskSet

log = logging.getLogger(__name__)

# NOTIFY reports a change at once, but is lost with its connection; so the version is polled every second as well. A
# watched source has a name in `moe.versions` and triggers that call `moe.note_change('<name>')`.

OpenSession = Callable[[], AbstractAsyncContextManager[Connection]]
_VERSION = "SELECT version FROM moe.versions WHERE name = $1"


@dataclass(frozen=True, slots=True)
class RefreshSource:
    """`reload(session, since)` loads and stores changes after version `since`, everything if that is 0.

    It runs in a read-only transaction on one snapshot. It raises what `session` raises.
    """

    name: str
    reload: Callable[[Connection, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RefreshIntervals:
    """Seconds: between polls, limit of a poll, limit of a reload, before a reconnect, and until trouble is logged.

    A start may take `patience_s`: calls that need the first load wait that long.
    """

    look_every_s: float = 1.0
    look_timeout_s: float = 2.0
    reload_timeout_s: float = 30.0
    pause_s: float = 0.5
    patience_s: float = 10.0


class PostgresRefresher(Resource):
    """A resource and its readiness check. Loads, and reloads on change, while it is entered.

    Entering does not wait for Postgres; until the first load, the check is required. A change is loaded at once, and
    within `look_every_s` if its NOTIFY was lost. While the server is unavailable or lacks the tables, it retries, and
    the last loaded state stays.
    """

    def __init__(
        self,
        open_session: OpenSession,
        watched: RefreshSource,
        intervals: RefreshIntervals | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = watched.name
        self._open_session = open_session
        self._reload = watched.reload
        self._intervals = intervals or RefreshIntervals()
        self._clock = clock or SystemClock()
        self.seen_at = -math.inf  # monotonic time of the last poll that succeeded
        self._well_at = self._clock.monotonic()
        self._first = asyncio.Event()
        self._trouble, self._reported = "nothing was loaded yet", ""
        self._tasks = TaskSet(self._ended)

    @property
    def age_s(self) -> float:
        """Seconds for which memory may be out of date, at most; infinite before the first load."""
        return self._clock.monotonic() - self.seen_at

    @property
    def loaded(self) -> bool:
        return self.seen_at > -math.inf

    @property
    def required(self) -> bool:
        """True before the first load: the process is of no use without it."""
        return not self.loaded

    @property
    def trouble(self) -> str | None:
        """Why the last poll failed, in one line; None if it succeeded."""
        return self._trouble or None

    async def __call__(self) -> str | None:
        """Readiness check; lasting trouble is logged."""
        return None if self.trouble is None else "unavailable"

    async def first_load(self) -> None:
        """Wait for the first load, until `patience_s` after the start at most."""
        starting_s = self._well_at + self._intervals.patience_s - self._clock.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(starting_s):
                await self._first.wait()

    async def _enter(self, stack: AsyncExitStack) -> None:
        self._tasks.start(self._run(), name=f"watch {self.name}")
        stack.push_async_callback(self._tasks.cancel)

    async def _run(self) -> None:
        while True:
            try:
                async with self._open_session() as session:
                    await self._watch(session)
            except (Retryable, ConfigurationError, Unstorable) as error:
                self._report(str(error))
            await asyncio.sleep(self._intervals.pause_s)

    async def _watch(self, session: Connection) -> None:
        notified = asyncio.Event()
        known: int | None = None
        try:
            if can_listen(session):
                await session.add_listener(f"moe_{self.name}", lambda *_: notified.set())
            while True:
                notified.clear()
                known = await self._look(session, known)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._intervals.look_every_s):
                        await notified.wait()
        except BaseException:
            session.terminate()  # a graceful close would wait for a server that may be the cause
            raise

    async def _look(self, session: Connection, known: int | None) -> int:
        """Reload if the version has changed, and return it. A new connection reloads everything."""
        looked_at = self._clock.monotonic()
        async with asyncio.timeout(self._intervals.look_timeout_s) as limit:
            version = await self._version(session)  # without a transaction: one round trip instead of three
            if version != known:
                limit.reschedule(asyncio.get_running_loop().time() + self._intervals.reload_timeout_s)
                async with session.transaction(isolation="repeatable_read", readonly=True):
                    version = await self._version(session)
                    await self._reload(session, known if known is not None and version > known else 0)
        self._all_is_well(looked_at)
        return version

    async def _version(self, session: Connection) -> int:
        return int(await session.fetchval(_VERSION, self.name) or 0)

    def _report(self, trouble: str) -> None:
        """Logs trouble only if it lasts: at a start, other processes may still create the tables."""
        self._trouble = trouble
        if trouble != self._reported and self._clock.monotonic() - self._well_at > self._intervals.patience_s:
            log.warning("%s: %s", self.name, trouble)
            self._reported = trouble

    def _all_is_well(self, looked_at: float) -> None:
        self.seen_at = self._well_at = looked_at
        self._first.set()
        self._trouble = ""
        if self._reported:
            log.info("%s: is followed again", self.name)
            self._reported = ""

    def _ended(self, error: BaseException) -> None:
        log.critical("%s is not watched any more", self.name, exc_info=error)
        self._trouble = f"a bug ended the watch: {type(error).__name__}"
