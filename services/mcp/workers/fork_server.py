"""The pool's side of the fork server process and of the workers that it forks."""

import asyncio
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import services
from services.mcp.workers.isolation import ProcessLimits
from services.mcp.workers.protocol import ForkServerReady, WorkerReady, framed, read_frame, send_document
from services.mcp.workers.worker_log import open_worker_log

_ROOT = Path(services.__file__).parent.parent
_STOP_S = 2.0


class ForkServerLost(Exception):
    """The fork server process is gone or does not answer; start a new one."""


@dataclass(slots=True, eq=False)
class WorkerProcess:
    """One worker. A pidfd refers to its process, so that a kill never hits another process with a reused number."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pidfd: int
    calls: int = field(default=0)

    @property
    def has_ended(self) -> bool:
        """True once the process has ended: its pidfd becomes readable."""
        poll = select.poll()  # unlike select(), it takes descriptors above 1,023
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(0))

    async def call(self, request: bytes, document: bytes, max_reply_bytes: int) -> bytes:
        """Send one call, with a document if there is one, and return the reply.

        Raises OSError, IncompleteReadError or ValueError if the worker broke.
        """
        self.calls += 1
        self.writer.write(framed(request))
        if document:
            await send_document(self.writer, document)
        return await read_frame(self.reader, max_reply_bytes)

    def kill(self) -> None:
        """Kill the process at once. Not idempotent."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        os.close(self.pidfd)
        self.writer.transport.abort()


@dataclass(frozen=True, slots=True)
class TemplateProcess:
    """The process, and what it and its workers write to their standard error."""

    process: asyncio.subprocess.Process
    log: asyncio.ReadTransport

    @classmethod
    async def start(cls, command: Sequence[str], stdin: int) -> Self:
        writable, log = await open_worker_log()
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=stdin,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=writable,
                cwd=_ROOT,
                env={},
                start_new_session=True,
            )
        except BaseException:
            log.close()
            raise
        finally:
            os.close(writable)
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self.process.pid

    async def end(self) -> None:
        """Wait for its end, which is that of its control socket; kill it if it does not end in time."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOP_S):
                    await self.process.wait()
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
        finally:
            self.log.close()


class ForkServer:
    def __init__(self, template: TemplateProcess, control: socket.socket, ready: ForkServerReady) -> None:
        self._template = template
        self._control = control
        self.ready = ready

    @classmethod
    async def start(cls, program: str, limits: ProcessLimits, timeout_s: float) -> "ForkServer":
        """Start `python -m program LIMITS` with a clean environment. Raises ForkServerLost."""
        ours, theirs = socket.socketpair()
        command = (sys.executable, "-m", program, limits.model_dump_json())
        with theirs:
            template = await TemplateProcess.start(command, theirs.fileno())
        try:
            async with asyncio.timeout(timeout_s):
                ready = ForkServerReady.model_validate_json(await _first_frame(ours))
        except BaseException as error:
            ours.close()
            await template.end()
            if isinstance(error, TimeoutError | OSError | EOFError | ValueError):
                raise ForkServerLost(f"the template process did not start: {error!r}") from error
            raise
        return cls(template, ours, ready)

    @property
    def pid(self) -> int:
        return self._template.pid

    async def fork(self, timeout_s: float) -> WorkerProcess:
        """Fork a worker that is ready for calls. Raises ForkServerLost."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"w"], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise ForkServerLost("the template process has ended") from error
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            async with asyncio.timeout(timeout_s):
                hello = WorkerReady.model_validate_json(await read_frame(reader))
            return WorkerProcess(hello.pid, reader, writer, os.pidfd_open(hello.pid))
        except BaseException as error:
            writer.transport.abort()
            if isinstance(error, TimeoutError | OSError | EOFError | ValueError):
                raise ForkServerLost(f"the template process made no worker: {error!r}") from error
            raise

    async def stop(self) -> None:
        """Close the control socket, which ends the process, and wait for its end."""
        self._control.close()
        await self._template.end()


async def _first_frame(control: socket.socket) -> bytes:
    """Read one frame; the socket stays usable for sending descriptors."""
    reader, writer = await asyncio.open_unix_connection(sock=control.dup())
    try:
        return await read_frame(reader)
    finally:
        writer.close()
