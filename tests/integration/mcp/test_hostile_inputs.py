"""Generated hostile inputs against all served tools: each is answered or rejected in time, none escapes."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from libs.testing.keys import SIGNING_KEY, roots_beside
from services.mcp.contract import Caller, ToolDescription, ToolError
from services.mcp.tools.policy import granted
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.served.local import local_tools
from services.mcp.tools.served.settings import LocalSettings
from services.mcp.tools.toolbox import Toolbox
from tests.support.mcp.hostile_arguments import CANARY, hostile_arguments
from tests.support.mcp.timeouts import PATIENT, patience
from tests.support.paths import FIXTURES

SEED = 20240115
COUNT = 2_000
MAX_WORKER_BYTES = 256 * 1024 * 1024
CALLER = Caller("default", granted(None))
LAWS = FIXTURES / "laws"
NO_REFUSALS = ("timeout", "worker_lost", "busy")  # the work should have been rejected before it began
PROGRAMS = ("python_sandbox",)  # the duration of a program is unknown beforehand


@pytest.fixture(scope="module", autouse=True)
def forked_of_shared_templates() -> None:
    """Start them for this test alone: the memory of all children is measured."""


@dataclass
class Canary:
    """A port without permitted clients, and a file without permitted writers."""

    port: int = 0
    connections: int = 0

    @property
    def sang(self) -> bool:
        return CANARY.exists() or self.connections > 0


@asynccontextmanager
async def canary() -> AsyncIterator[Canary]:
    CANARY.unlink(missing_ok=True)
    bird = Canary()

    def visited(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bird.connections += 1
        writer.close()

    async with await asyncio.start_server(visited, "127.0.0.1", 0) as server:
        bird.port = server.sockets[0].getsockname()[1]
        yield bird


@dataclass
class Ended:
    """How the calls ended. `heaviest` is the peak of a worker in bytes."""

    answered: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    heaviest: int = 0


async def call(toolbox: Toolbox, tool: ToolDescription, chance: random.Random, bird: Canary, ended: Ended) -> None:
    args = hostile_arguments(chance, tool, bird.port)
    try:
        await toolbox.invoke(tool.name, args, caller=CALLER)
        ended.answered[tool.name] += 1
    except ToolError as error:
        ended.refused[error.code] += 1
        if error.code in NO_REFUSALS and tool.name not in PROGRAMS:
            ended.broken.append(f"{tool.name} {error.code}: {str(args)[:300]}")


def peak_of_workers() -> int:
    """Largest resident size in bytes that any process below this one ever had."""
    return max((_peak(process) for process in psutil.Process().children(recursive=True)), default=0)


def _peak(process: psutil.Process) -> int:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:  # it has ended
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024


@asynccontextmanager
async def every_tool(folder: Path) -> AsyncIterator[tuple[Toolbox, ToolPools]]:
    """Run the pure tools, and those served ones that need this machine alone."""
    given = {
        "MOE_DATA_DIR": str(folder),
        **roots_beside(SIGNING_KEY),
        "MOE_WORKSPACE_DIR": str(Path(__file__).parent),
        "MOE_LAWS_DIR": str(LAWS),
    }
    async with AsyncExitStack() as stack:
        stack.enter_context(patience())
        local = local_tools(LocalSettings.read(given), 8003)
        pools = await stack.enter_async_context(ToolPools(PATIENT))
        for resource in local.resources:
            await stack.enter_async_context(resource)
        yield Toolbox(pools, local.tools), pools


async def test_every_hostile_input_is_answered_or_refused_in_time_and_nothing_is_executed(tmp_path: Path) -> None:
    ended = Ended()
    async with canary() as bird, every_tool(tmp_path) as (toolbox, pools):
        tools = [tool for tool in toolbox.listing() if tool.unavailable is None]
        chances = {tool.name: random.Random(f"{SEED} {tool.name}") for tool in tools}
        for number in range(COUNT):
            tool = tools[number % len(tools)]
            await call(toolbox, tool, chances[tool.name], bird, ended)
            if number % 100 == 99:
                ended.heaviest = max(ended.heaviest, peak_of_workers())
        killed = sum(pool.killed for pool in pools.describe())
        sang = bird.sang
    assert not sang
    assert ended.broken == []
    assert killed == 0
    assert 0 < ended.heaviest < MAX_WORKER_BYTES
    assert ended.answered.total() + ended.refused.total() == COUNT
    assert len(ended.answered) > len(tools) / 2  # else every input is rejected early, and none was tried
