"""Processes of `moe` for tests: real ones with probes of their own, which a test may stop or kill.

They may be used from any event loop, and they end with the test process, however it ends.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

import libs
from libs.core.clock import SystemClock
from libs.embedded.guarded import Guarded
from libs.embedded.job import Job
from libs.embedded.ports import free_port

IMPORT_ROOT = Path(libs.__file__).parent.parent
PORT_VARIABLES = ("MOE_PORT", "MOE_MCP_PORT", "MOE_METRICS_PORT")
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 12.0
_POLL_S = 0.02
_CLOCK = SystemClock()


class ProcessEnded(Exception):
    """A process ended, or did not become ready; the message holds the end of its log."""


@dataclass(frozen=True)
class Place:
    """What processes share: their environment, and a folder for their logs."""

    variables: Mapping[str, str]
    folder: Path


@dataclass(frozen=True)
class Finished:
    """A command that ran to its end."""

    code: int
    output: str
    errors: str


async def moe(place: Place, *arguments: str, within_s: float = 60.0) -> Finished:
    """Run `moe` to its end. Raises TimeoutError; the command is gone then."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *_command(arguments), cwd=IMPORT_ROOT, env=dict(place.variables), stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(within_s):
            output, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return Finished(process.returncode or 0, output.decode(), errors.decode())


class MoeProcess:
    """One `moe serve …` or `moe up …`. It keeps its port and its log file across restarts."""

    def __init__(self, place: Place, *arguments: str) -> None:
        self.name = "-".join(arguments)
        self.port = free_port()
        self.log = place.folder / f"{self.name}.log"
        self._arguments = arguments
        self._variables = dict.fromkeys(PORT_VARIABLES, str(self.port)) | dict(place.variables)
        self._guarded: Guarded | None = None

    @property
    def url(self) -> str:
        """Return the address of its HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> Guarded:
        """Return the process. Raises RuntimeError before the first start."""
        if self._guarded is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._guarded

    async def start(self) -> float:
        """Start it; return the seconds after which it was ready. Raises ProcessEnded."""
        began = _CLOCK.monotonic()
        job = Job(_command(self._arguments), self.log, IMPORT_ROOT, self._variables, grace_s=STOP_WITHIN_S)
        self._guarded = await Guarded.start(job)
        try:
            await self._until_ready(self._guarded)
        except BaseException:
            await self.stop()
            raise
        return _CLOCK.monotonic() - began

    async def kill(self) -> None:
        """End it as `kill -9` does; return when it is gone."""
        self.running.kill()
        await self.running.wait()
        await self.running.stop()

    async def stop(self) -> int | None:
        """End it as SIGTERM does; return its exit code."""
        await self.running.stop()
        return self.running.exit_code

    def rss_bytes(self) -> int:
        """Return its resident memory."""
        return int(psutil.Process(self.running.pid).memory_info().rss)

    def log_tail(self, lines: int = 40) -> str:
        """Return the end of its log."""
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    async def _until_ready(self, guarded: Guarded) -> None:
        async with httpx.AsyncClient(base_url=self.url, verify=False, trust_env=False) as http:
            try:
                async with asyncio.timeout(READY_WITHIN_S):
                    while not await _is_ready(http):
                        if guarded.has_ended():
                            raise ProcessEnded(f"{self.name} ended with code {guarded.exit_code}:\n{self.log_tail()}")
                        await asyncio.sleep(_POLL_S)
            except TimeoutError as error:
                raise ProcessEnded(f"{self.name} is not ready:\n{self.log_tail()}") from error


async def start_all(processes: Sequence[MoeProcess]) -> None:
    """Start processes at once. Raises ProcessEnded; then none of them runs."""
    try:
        async with asyncio.TaskGroup() as group:
            for process in processes:
                group.create_task(_started(process))
    except ExceptionGroup as errors:
        await stop_all(processes)
        raise errors.exceptions[0] from errors


async def stop_all(processes: Sequence[MoeProcess]) -> dict[str, int | None]:
    """Stop those that were started, at once; return exit codes by name."""
    started = [process for process in processes if process._guarded is not None]
    codes = await asyncio.gather(*(process.stop() for process in started))
    return {process.name: code for process, code in zip(started, codes, strict=True)}


async def _started(process: MoeProcess) -> None:
    await process.start()


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/ready")).status_code == 200
    except httpx.HTTPError:
        return False


def _command(arguments: Sequence[str]) -> tuple[str, ...]:
    return (sys.executable, "-m", "services", *arguments)
