"""Starts the embedded stores concurrently, restarts failed ones, and stops all in order."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType

from libs.core.errors import FleetError
from libs.core.tasks import TaskSet
from libs.embedded.choice import EmbeddedChoice, EmbeddedStores, together
from libs.embedded.lock import data_dir_lock
from libs.embedded.store import Owner, Say, StoreName
from libs.embedded.supervised import Supervised
from libs.embedded.table import chosen_stores

OnRestart = Callable[[StoreName, EmbeddedStores], None]


class Supervisor:
    """`async with Supervisor(choice, on_event=print_line) as stores:` runs the chosen stores within the block.

    A store that ends is restarted: at the same address, unless it is a broker without a disk. `on_restart` then
    receives its name and all addresses. The stores end with this process, however it ends.
    """

    def __init__(self, choice: EmbeddedChoice, *, on_event: Say, on_restart: OnRestart | None = None) -> None:
        self._choice = choice
        self._say = on_event
        self._on_restart = on_restart
        self._running: tuple[Supervised, ...] = ()
        self._watchers = TaskSet(lambda error: on_event(f"supervision failed: {error!r}"))
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> EmbeddedStores:
        """Start all stores in parallel. Raises DataDirInUse or EmbeddedStoreFailed; no store runs then."""
        async with AsyncExitStack() as stack:
            lock_fd = await stack.enter_async_context(data_dir_lock(self._choice.data_dir))
            owner = Owner(self._say, (lock_fd,))
            stack.push_async_callback(self._stop)
            self._running = tuple(Supervised(store, owner) for store in chosen_stores(self._choice))
            await _all_started(self._running)
            self._exit = stack.pop_all()
        for one in self._running:
            self._watchers.start(one.watch(partial(self._restarted, one.store.name)), name=f"watch {one.store.name}")
        return self.stores

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    @property
    def stores(self) -> EmbeddedStores:
        """Current addresses of the stores."""
        return together(one.launch.gives for one in self._running)

    @property
    def pids(self) -> dict[StoreName, int]:
        return {one.store.name: one.pid for one in self._running}

    def _restarted(self, name: StoreName) -> None:
        if self._on_restart is not None:
            self._on_restart(name, self.stores)

    async def _stop(self) -> None:
        await self._watchers.cancel()
        for one in self._running:
            await one.stop()


async def _all_started(running: Iterable[Supervised]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for one in running:
                group.create_task(one.start())
    except BaseExceptionGroup as errors:
        ours = errors.subgroup(FleetError)
        if ours is None:
            raise
        raise _first(ours) from None


def _first(errors: BaseExceptionGroup[FleetError]) -> FleetError:
    error = errors.exceptions[0]
    return error if isinstance(error, FleetError) else _first(error)
