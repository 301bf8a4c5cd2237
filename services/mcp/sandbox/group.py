"""The processes of one cell from the service's side: a group that begins, and ends, together."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import services
from services.mcp.sandbox.plan import Plan

ROOT = Path(services.__file__).parent.parent
LAUNCHER = (sys.executable, "-S", "-E", "-s", "-m", "services.mcp.sandbox.launcher")
_BUFFER_BYTES = 64 * 1024
_END_S = 5.0  # until killed processes are gone, also on a machine that does other things


def command(plan: Plan) -> tuple[str, ...]:
    """Return the command that makes a cell, which lives no longer than this process."""
    return (*LAUNCHER, plan.written(), str(os.getpid()))


@dataclass(frozen=True, slots=True)
class Group:
    """A running cell. `process` is the outermost of its processes."""

    process: asyncio.subprocess.Process
    transport: asyncio.SubprocessTransport

    @classmethod
    async def start(cls, plan: Plan) -> Self:
        """Start a cell in a process group of its own, which none of its processes can leave. Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.subprocess_exec(
            lambda: asyncio.subprocess.SubprocessStreamProtocol(_BUFFER_BYTES, loop),
            *command(plan),
            cwd=ROOT,
            env={},
            start_new_session=True,
        )
        return cls(asyncio.subprocess.Process(transport, protocol, loop), transport)

    def kill(self) -> None:
        """End all its processes at once; one that is forked at this moment is of the group as well."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill what still runs and wait until it is gone, though not for ever. Closes all pipes, whoever holds them."""
        self.kill()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await self.process.communicate()  # reads what is left, so that its pipes are closed
        finally:
            self.transport.close()
