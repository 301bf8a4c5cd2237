"""Executes a schedule on a running installation, and writes each action and its duration into the history."""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import Sequence

from redis.asyncio import Redis

from libs.contracts.topics import PROGRESS
from libs.core.clock import SystemClock
from libs.embedded.supervised import Supervised
from libs.testing.processes import IMPORT_ROOT
from tests.chaos.cluster import Cluster
from tests.chaos.evidence import Position
from tests.chaos.growing import grow
from tests.chaos.history import History
from tests.chaos.nemesis import LEADER, Fault
from tests.chaos.poisoning import poison

_AT_ONCE = 2  # victims at a time: starting one takes a core for seconds, and more would measure the machine
_CLOCK = SystemClock()


class Nemesis:
    """Injects faults into a cluster by a schedule.

    One victim suffers one fault at a time. `injected` holds the positions of poison.
    """

    def __init__(self, cluster: Cluster, history: History) -> None:
        self.injected: set[Position] = set()
        self._cluster = cluster
        self._history = history
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def carry_out(self, faults: Sequence[Fault]) -> None:
        """Wait until the last fault is over. Raises ProcessEnded for a victim that does not recover."""
        began = _CLOCK.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, began + fault.at_s - _CLOCK.monotonic()))
                group.create_task(self._hit(fault))

    async def _hit(self, fault: Fault) -> None:
        async with self._locks[fault.target], self._slots:
            self._history.add(fault.target, "fault", "invoke", code=fault.kind)
            await self._do(fault)
            self._history.add(fault.target, "fault", "ok", code=fault.kind)

    async def _do(self, fault: Fault) -> None:
        match fault.kind:
            case "kill":
                await self._kill(fault)
            case "terminate" | "upgrade":
                process = self._cluster.processes[fault.target]
                await process.stop()
                process.use_source(IMPORT_ROOT)
                await process.start()
            case "freeze":
                await self._freeze(fault)
            case "poison":
                self.injected |= await poison(self._cluster.kafka, fault.target, self._cluster.signer)
            case "grow":
                await grow(self._cluster.kafka, fault.target)
            case "flush":
                await flush(self._cluster.valkey_url)

    async def _kill(self, fault: Fault) -> None:
        if fault.target == LEADER:
            await self._kill_leader(fault)
        elif fault.target in self._cluster.stores:
            await self._kill_store(self._cluster.stores[fault.target], fault.for_s)
        else:
            await self._cluster.processes[fault.target].kill()
            await asyncio.sleep(fault.for_s)
            await self._cluster.processes[fault.target].start()

    async def _kill_leader(self, fault: Fault) -> None:
        """Kill the broker that leads most facts.

        The next one may be killed when this one has copied its missing records.
        """
        brokers = self._cluster.brokers
        await self._kill_store(brokers.nodes[await brokers.leader_of(PROGRESS.name)], fault.for_s)
        await brokers.wait_in_sync()

    async def _kill_store(self, store: Supervised, down_s: float) -> None:
        store.kill()
        await asyncio.sleep(down_s)
        await store.restart()

    async def _freeze(self, fault: Fault) -> None:
        pid = self._cluster.processes[fault.target].running.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(fault.for_s)
        finally:
            os.kill(pid, signal.SIGCONT)


async def flush(valkey_url: str) -> None:
    """Empty the cache."""
    async with Redis.from_url(valkey_url) as redis:
        await redis.flushall()
