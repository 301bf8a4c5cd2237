"""Tool servers that share template processes share nothing else."""

import os
import signal

import psutil

from libs.testing.waiting import eventually
from services.mcp.workers.pool import PoolLimits, WorkerPool

LIMITS = PoolLimits(workers=1, start_s=60.0, call_s=60.0)


def worker_of(pool: WorkerPool) -> psutil.Process:
    (worker,) = pool._idle
    return psutil.Process(worker.pid)


async def total(pool: WorkerPool) -> str:
    return (await pool.invoke("calculate", {"expression": "6 * 7"})).answer


async def test_each_server_has_workers_of_its_own_and_ends_no_other_s() -> None:
    async with WorkerPool(LIMITS) as first:
        async with WorkerPool(LIMITS) as second:
            own = worker_of(second)
            assert own.pid != worker_of(first).pid
            assert own.ppid() == worker_of(first).ppid()
        await eventually(lambda: not own.is_running())
        assert await total(first) == "6 * 7 = 42."


async def test_a_template_that_died_is_started_again() -> None:
    async with WorkerPool(LIMITS) as pool:
        died = worker_of(pool).ppid()
        os.kill(died, signal.SIGKILL)
        await eventually(lambda: not pool.describe().alive)
        assert await total(pool) == "6 * 7 = 42."
        assert worker_of(pool).ppid() != died
