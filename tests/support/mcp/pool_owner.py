"""A stand-in for the service: owns a pool, keeps one worker busy for ever, prints that worker's process id."""

import asyncio
import sys

from services.mcp.workers.isolation import ProcessLimits
from services.mcp.workers.pool import PoolLimits, WorkerPool


async def main() -> None:
    limits = PoolLimits(workers=1, call_s=600.0, process=ProcessLimits(cpu_s=600))
    async with WorkerPool(limits, "tests.support.mcp.hostile_worker") as pool:
        sys.stdout.write((await pool.invoke("pid", {})).answer + "\n")
        sys.stdout.flush()
        await pool.invoke("spin", {})


if __name__ == "__main__":
    asyncio.run(main())
