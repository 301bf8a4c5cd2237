"""The tool runtime of a process, for every transport: workers, served tools, switches."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from starlette.routing import BaseRoute

from libs.ports.bus import Publisher
from libs.runtime.process.security_audit import SecurityAudit
from libs.runtime.service import Check
from services.mcp.assembly.tool_switches import tool_switches_of
from services.mcp.settings import Settings
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.served.assembly import served_tools_of
from services.mcp.tools.toolbox import Toolbox
from services.mcp.workers.pool import PoolLimits


@dataclass(frozen=True)
class WorkersCheck:
    """`/ready`: at least one worker process of each kind is alive."""

    pools: ToolPools
    name: str = "tool workers"
    required: bool = True

    async def __call__(self) -> str | None:
        return None if all(pool.alive for pool in self.pools.describe()) else "no_worker_process"


@dataclass(frozen=True)
class ToolRuntime:
    """The tools and their dependencies: enter `resources` before the first call.

    `switches_known` waits until the switches are loaded, or until a timeout. `routes` need no key; `workers` run in the
    background.
    """

    toolbox: Toolbox
    resources: tuple[AbstractAsyncContextManager[object], ...]
    checks: tuple[Check, ...]
    switches_known: Callable[[], Awaitable[None]]
    routes: tuple[BaseRoute, ...]
    workers: tuple[Callable[[Publisher], Coroutine[object, object, None]], ...]


def tool_runtime_of(settings: Settings, audit: SecurityAudit | None = None) -> ToolRuntime:
    """The tools of this installation; `audit` records their calls. Opens nothing. Raises ConfigurationError."""
    pools, board = ToolPools(PoolLimits(workers=settings.workers)), tool_switches_of(settings)
    served = served_tools_of(settings, settings.port)
    return ToolRuntime(
        toolbox=Toolbox(pools, served.tools, board.switches, audit),
        resources=(pools, *served.resources, *board.resources),
        checks=(WorkersCheck(pools), *board.checks),
        switches_known=board.known,
        routes=served.routes,
        workers=served.workers,
    )
