"""The process group of one sandbox, on the service's side."""

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
_END_S = 5.0  # time until killed processes are gone, also on a busy machine


def command(plan: Plan) -> tuple[str, ...]:
    """The command that starts a sandbox, which lives no longer than this process."""
    return (*LAUNCHER, plan.written(), str(os.getpid()))


@dataclass(frozen=True, slots=True)
class Group:
    """A running sandbox. `process` is the outermost of its processes."""

    process: asyncio.subprocess.Process
    transport: asyncio.SubprocessTransport

    @classmethod
    async def start(cls, plan: Plan) -> Self:
        """Start a sandbox in a process group of its own, which none of its processes can leave. Raises OSError."""
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
        """Kill all its processes at once; a process forked at this moment belongs to the group as well."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill the remaining processes and wait for their end, at most `_END_S` seconds. Closes all pipes, also
        inherited ones."""
        self.kill()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await self.process.communicate()  # drains the pipes, so that they are closed
        finally:
            self.transport.close()
