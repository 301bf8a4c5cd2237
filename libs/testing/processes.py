"""Server processes for tests: `moe` with probes of its own, or a model server; a test may stop or kill them.

Usable from any event loop; they always end with the test process.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

import libs
from libs.core.clock import SystemClock
from libs.core.tasks import all_or_first_error
from libs.embedded.guarded import Guarded
from libs.embedded.job import Job
from libs.testing.ports import own_port
from libs.testing.waiting import waiting

IMPORT_ROOT = Path(libs.__file__).parent.parent
# These end a hang and are no limits: a loaded machine may take a minute for work of a second.
READY_WITHIN_S = 180.0
STOP_WITHIN_S = 60.0
DONE_WITHIN_S = 180.0
_POLL_S = 0.02
_ASKED_WITHIN_S = 10.0
_CLOCK = SystemClock()


class ProcessEnded(Exception):
    """A process ended, or did not become ready; the message holds the end of its log."""


@dataclass(frozen=True)
class ProcessContext:
    """Shared by processes: their environment, a folder for their logs, and the one from which they import."""

    variables: Mapping[str, str]
    folder: Path
    source: Path = IMPORT_ROOT


@dataclass(frozen=True)
class Finished:
    """A command that has exited."""

    code: int
    output: str
    errors: str


async def moe(place: ProcessContext, *arguments: str, within_s: float = DONE_WITHIN_S) -> Finished:
    """Run `moe` to its end. Raises TimeoutError after it has killed the command."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *_command(arguments), cwd=place.source, env=dict(place.variables), stdout=pipe, stderr=pipe
    )
    try:
        async with waiting(within_s):
            output, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return Finished(process.returncode or 0, output.decode(), errors.decode())


@dataclass(frozen=True)
class Program:
    """Command, readiness URL, and the folder from which it imports the product."""

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    ready_path: str = "/ready"
    source: Path = IMPORT_ROOT


class ServerProcess:
    """A process that serves HTTP. It keeps its port and its log file across restarts."""

    def __init__(self, program: Program, folder: Path, port: int, metrics_port: int = 0) -> None:
        self.port = port
        self.metrics_port = metrics_port
        self.log = folder / f"{program.name}.log"
        self._program = program
        self._guarded: Guarded | None = None

    @property
    def name(self) -> str:
        return self._program.name

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def metrics_url(self) -> str:
        return f"http://127.0.0.1:{self.metrics_port}/metrics"

    @property
    def running(self) -> Guarded:
        """Raises RuntimeError before the first start."""
        if self._guarded is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._guarded

    async def start(self) -> float:
        """Seconds until it was ready. Raises ProcessEnded."""
        began = _CLOCK.monotonic()
        program = self._program
        job = Job(program.command, self.log, program.source, program.variables, grace_s=STOP_WITHIN_S)
        self._guarded = await Guarded.start(job)
        try:
            await self._until_ready(self._guarded)
        except BaseException:
            await self.stop()
            raise
        return _CLOCK.monotonic() - began

    def use_source(self, folder: Path) -> None:
        """Run the product of another source folder from the next start on."""
        self._program = replace(self._program, source=folder)

    def run_under(self, *command: str) -> None:
        """Wrap it in another command, such as a profiler, from the next start on."""
        self._program = replace(self._program, command=(*command, *self._program.command))

    async def kill(self) -> None:
        """Send SIGKILL and waits for the end."""
        self.running.kill()
        await self.running.wait()
        await self.running.stop()

    async def stop(self) -> int | None:
        """Send SIGTERM. Returns the exit code."""
        await self.running.stop()
        return self.running.exit_code

    def rss_bytes(self) -> int:
        """Resident memory."""
        return int(psutil.Process(self.running.pid).memory_info().rss)

    def complaints(self) -> list[str]:
        """Error lines of its log since the first start."""
        return [f"{self.name}: {line}" for line in self._lines() if '"ERROR"' in line or '"CRITICAL"' in line]

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self._lines()[-lines:])

    def _lines(self) -> list[str]:
        return self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []

    async def _until_ready(self, guarded: Guarded) -> None:
        try:
            async with waiting(READY_WITHIN_S):
                while not await _is_ready(self.port, self._program.ready_path):
                    if guarded.has_ended():
                        raise ProcessEnded(f"{self.name} ended with code {guarded.exit_code}:\n{self.log_tail()}")
                    await asyncio.sleep(_POLL_S)
        except TimeoutError as error:
            raise ProcessEnded(f"{self.name} is not ready:\n{self.log_tail()}") from error


def moe_process(place: ProcessContext, *arguments: str, name: str = "") -> ServerProcess:
    """Run `moe serve …` or `moe up …` with probes on a separate port, called `name` or by its arguments."""
    port, metrics_port = own_port(), own_port()
    if arguments != ("up",) and not {"gateway", "mcp"} & set(arguments):
        port = metrics_port  # the only port of such a process
    ports = {"MOE_PORT": str(port), "MOE_METRICS_PORT": str(metrics_port)}
    ports["MOE_MCP_PORT"] = str(_second(port, arguments))
    program = Program(
        name or "-".join(arguments), _command(arguments), {**ports, **place.variables}, source=place.source
    )
    return ServerProcess(program, place.folder, port, metrics_port)


def model_server_process(folder: Path, *options: str) -> ServerProcess:
    """A scripted model server in its own process; `options` are those of its command."""
    port = own_port()
    command = (sys.executable, "-m", "libs.testing.model_server", f"--port={port}", *options)
    return ServerProcess(Program("model-server", command, {}, ready_path="/v1/models"), folder, port)


async def start_all(processes: Sequence[ServerProcess]) -> None:
    """Start processes concurrently. Raises ProcessEnded after it has stopped all of them."""
    async with AsyncExitStack() as failing:
        failing.push_async_callback(stop_all, processes)
        async with all_or_first_error() as starting:
            for process in processes:
                starting.create_task(_started(process))
        failing.pop_all()


async def stop_all(processes: Sequence[ServerProcess]) -> dict[str, int | None]:
    """Stop the started ones concurrently. Exit codes by name."""
    started = [process for process in processes if process._guarded is not None]
    codes = await asyncio.gather(*(process.stop() for process in started))
    return {process.name: code for process, code in zip(started, codes, strict=True)}


async def _started(process: ServerProcess) -> None:
    await process.start()


def _second(port: int, arguments: Sequence[str]) -> int:
    """A tool server that runs alone uses the port of its process."""
    return port if "mcp" in arguments else own_port()


async def _is_ready(port: int, path: str) -> bool:
    """Speaks HTTP by hand: httpx fails on a connection that closes while it opens, as at a server's start."""
    try:
        async with waiting(_ASKED_WITHIN_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
                return (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            finally:
                writer.close()
    except OSError:  # TimeoutError is one
        return False


def _command(arguments: Sequence[str]) -> tuple[str, ...]:
    return (sys.executable, "-m", "moe", *arguments)
