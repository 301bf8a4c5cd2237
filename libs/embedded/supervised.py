"""One store under supervision: started on a stable port, checked, restarted after it ends."""

import asyncio
import time
from collections.abc import Callable

from libs.embedded.backoff import Backoff
from libs.embedded.errors import EmbeddedStoreFailed, log_tail
from libs.embedded.guarded import Guarded
from libs.embedded.ports import free_port, is_free
from libs.embedded.store import Launch, Owner, Store

_PORT_TRIES = 5
_POLL_S = 0.02


class _PortTaken(Exception):
    """Another process took the port first."""


class Supervised:
    """A store and its process. Constructing it starts nothing; usable from any event loop.

    `choose_port` returns a port that is free now.
    """

    def __init__(self, store: Store, owner: Owner, choose_port: Callable[[], int] = free_port) -> None:
        self.store = store
        self._owner = owner
        self._choose_port = choose_port
        self._port = 0
        self._launch: Launch | None = None
        self._guarded: Guarded | None = None

    @property
    def launch(self) -> Launch:
        """The latest start. Raises RuntimeError before the first."""
        if self._launch is None:
            raise RuntimeError(f"{self.store.name} was not started")
        return self._launch

    @property
    def pid(self) -> int:
        """Process id of the store itself; 0 before the first start."""
        return 0 if self._guarded is None else self._guarded.pid

    async def start(self) -> None:
        """Prepare and start on a free port; return once the store is ready. Raises EmbeddedStoreFailed."""
        await self.store.prepare(self._owner)
        for _ in range(_PORT_TRIES):
            self._port = self._choose_port()
            try:
                return await self._start_on_port()
            except _PortTaken:
                self._owner.report(f"{self.store.name}: port {self._port} was taken meanwhile, trying another")
        raise EmbeddedStoreFailed(f"{self.store.name} found no port in {_PORT_TRIES} tries")

    async def restart(self) -> None:
        """Start an ended store again on the same port. Raises EmbeddedStoreFailed."""
        await self.stop()
        try:
            await self._start_on_port()
        except _PortTaken as error:
            raise EmbeddedStoreFailed(f"{self.store.name}: its port {self._port} is taken") from error

    async def watch(self, on_restart: Callable[[], None]) -> None:
        """Restart the store whenever it ends, until cancelled."""
        backoff = Backoff()
        while True:
            lived_s = await self._life()
            while not await self._restarted(backoff.after(lived_s)):
                lived_s = 0.0
            on_restart()

    async def stop(self) -> None:
        """Stop the store. Idempotent."""
        if self._guarded is not None:
            await self._guarded.stop()

    def kill(self) -> None:
        """Kill the process of the store at once, as a crash would."""
        if self._guarded is not None:
            self._guarded.kill()

    async def _life(self) -> float:
        """Wait for the end of the store; return the seconds from now to it."""
        began = time.monotonic()
        code = None if self._guarded is None else await self._guarded.wait()
        self._owner.report(f"{self.store.name} ended unexpectedly (exit code {code}), starting it again")
        return time.monotonic() - began

    async def _restarted(self, delay_s: float) -> bool:
        await asyncio.sleep(delay_s)
        try:
            await self._restart_where_it_belongs()
        except (
            EmbeddedStoreFailed,
            OSError,
        ) as error:  # OSError: processes, descriptors or disk exhausted at the moment
            self._owner.report(str(error))
            return False
        return True

    async def _restart_where_it_belongs(self) -> None:
        """Move a broker that restarts empty to another port. At the old address its former clients would rejoin their
        groups before they learn of the restart, and new members would have to wait for them.
        """
        gives = self.launch.gives
        if gives.kafka is not None and not gives.kafka_durable:
            self._port = self._choose_port()
        await self.restart()

    async def _start_on_port(self) -> None:
        began = time.monotonic()
        self._launch = self.store.launch(self._port)
        self._guarded = await Guarded.start(self._launch.job, self._owner.keep_open)
        try:
            await self._until_ready(self._guarded, self._launch)
        except BaseException:
            await self.stop()
            raise
        self._owner.report(f"{self.store.name} is ready after {time.monotonic() - began:.1f} s")

    async def _until_ready(self, guarded: Guarded, launch: Launch) -> None:
        try:
            async with asyncio.timeout(self.store.ready_within_s):
                while not await launch.is_ready():
                    if guarded.has_ended():
                        self._explain_end(guarded.exit_code, launch)
                    await asyncio.sleep(_POLL_S)
        except TimeoutError as error:
            late = f"{self.store.name} did not answer within {self.store.ready_within_s:.0f} s"
            raise EmbeddedStoreFailed(f"{late}:\n{log_tail(launch.job.log)}") from error

    def _explain_end(self, exit_code: int | None, launch: Launch) -> None:
        if not all(is_free(port) for port in launch.ports):
            raise _PortTaken
        tail = log_tail(launch.job.log)
        raise EmbeddedStoreFailed(f"{self.store.name} ended with exit code {exit_code} while starting:\n{tail}")
