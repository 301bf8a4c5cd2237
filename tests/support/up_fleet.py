"""`moe up` as a user has it: in the foreground of a terminal, with everything that it started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from libs.embedded.ports import is_free
from libs.testing.ports import own_port
from libs.testing.processes import IMPORT_ROOT, ProcessContext
from libs.testing.waiting import eventually
from tests.support.embedded.stores import is_gone

MOE = Path(sys.executable).parent / "moe"
# These end a hang. A fleet that stops later than documented reports it by its exit code.
READY_WITHIN_S = 180.0
ENDS_WITHIN_S = 60.0


@dataclass
class UpFleet:
    """A `moe up` in a separate process group, like a foreground job of a shell."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=own_port)
    mcp_port: int = field(default_factory=own_port)
    metrics_port: int = field(default_factory=own_port)
    command: tuple[str, ...] = (str(MOE), "up")
    cwd: Path = IMPORT_ROOT

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._family: list[psutil.Process] = []

    @property
    def data_dir(self) -> Path:
        return self.folder / "var"

    @property
    def environment(self) -> dict[str, str]:
        """Environment of `moe` as a user's shell sets it."""
        ports = {"MOE_PORT": str(self.port), "MOE_MCP_PORT": str(self.mcp_port), "MOE_DATA_DIR": str(self.data_dir)}
        ports["MOE_METRICS_PORT"] = str(self.metrics_port)
        ports["MOE_ANSWER_CACHE_SECONDS"] = "0"  # the same question is sent again and again
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **ports, **self.variables}  # noqa: TID251 - handed on

    @property
    def place(self) -> ProcessContext:
        """For other `moe` commands of the same user."""
        return ProcessContext(self.environment, self.folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def metrics_url(self) -> str:
        return f"http://127.0.0.1:{self.metrics_port}/metrics"

    @property
    def key(self) -> str:
        return (self.data_dir / "bootstrap.key").read_text()

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    @property
    def errors(self) -> str:
        return (self.folder / "errors").read_text()

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "start() comes first"
        return self._process

    def start(self) -> None:
        """Start it, without waiting."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "output").open("wb") as output, (self.folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.environment,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )

    async def ready(self) -> float:
        """Seconds until `/ready` responds with 200."""
        began = time.monotonic()
        async with httpx.AsyncClient(trust_env=False) as http:

            async def is_ready() -> bool:
                assert self.running.poll() is None, self.errors
                return await _is_ready(http, self.url)

            await eventually(is_ready, within_s=READY_WITHIN_S, look_every_s=0.05)
        return time.monotonic() - began

    async def busy(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=ENDS_WITHIN_S) as http:

            async def joins() -> bool:
                return "\nmoe_joins_open 0.0\n" not in (await http.get(self.metrics_url)).text

            await eventually(joins, within_s=ENDS_WITHIN_S, look_every_s=0.02)

    def look(self) -> set[int]:
        """Remember every process of the fleet; return the ports on which one of them listens."""
        while True:  # a child may end between being listed and being looked at
            assert self.running.poll() is None, self.errors
            with suppress(psutil.NoSuchProcess, FileNotFoundError):
                owner = psutil.Process(self.running.pid)
                self._family = [owner, *owner.children(recursive=True)]
                return {port for process in self._family for port in _listening(process)}

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal signals the whole foreground process group."""
        os.killpg(self.running.pid, signal.SIGINT)

    async def ended(self, within_s: float = ENDS_WITHIN_S) -> int:
        await eventually(lambda: self.running.poll() is not None, within_s=within_s)
        return self.running.wait()

    async def nothing_left(self, ports: set[int], within_s: float = ENDS_WITHIN_S) -> None:
        """Wait until no process of the fleet runs and no port is open. Raises TimeoutError."""
        await eventually(lambda: all(map(is_gone, self._family)), within_s=within_s)
        await eventually(lambda: all(map(is_free, ports)), within_s=within_s)

    def store(self, word: str) -> psutil.Process:
        """Process of an embedded store, by a word of its command line."""
        self.look()
        return next(one for one in self._family if _is_store(one, word))

    async def post(self, text: str, timeout_s: float = 180.0, *, stream: bool = False) -> httpx.Response:
        """Send a request, and return the response when it is over."""
        async with httpx.AsyncClient(trust_env=False, timeout=timeout_s) as http:
            return await self.post_with(http, text, stream=stream)

    async def post_with(self, http: httpx.AsyncClient, text: str, *, stream: bool = False) -> httpx.Response:
        """The same with a client that others share."""
        body = {"model": "moe-orchestrator", "stream": stream, "messages": [{"role": "user", "content": text}]}
        headers = {"authorization": f"Bearer {self.key}"}
        return await http.post(f"{self.url}/v1/chat/completions", json=body, headers=headers)

    def end(self) -> None:
        """End whatever still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@asynccontextmanager
async def up(
    folder: Path, variables: Mapping[str, str] | None = None, until: Callable[[UpFleet], object] | None = None
) -> AsyncIterator[UpFleet]:
    """Run a fleet; waits until it is ready, or for `until`."""
    async with running(UpFleet(folder, variables or {}), until) as fleet:
        yield fleet


@asynccontextmanager
async def running(fleet: UpFleet, until: Callable[[UpFleet], object] | None = None) -> AsyncIterator[UpFleet]:
    """Run this fleet; waits until it is ready, or for `until`."""
    fleet.start()
    try:
        if until is None:
            await fleet.ready()
        else:
            await eventually(lambda: bool(until(fleet)), within_s=READY_WITHIN_S)
        yield fleet
    finally:
        fleet.end()


async def _is_ready(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(f"{url}/ready")).status_code == 200
    except httpx.TransportError:
        return False


def _listening(process: psutil.Process) -> set[int]:
    return {each.laddr.port for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN}


def _is_store(process: psutil.Process, word: str) -> bool:
    command = " ".join(process.cmdline())
    return word in command and "libs.embedded.guard" not in command
