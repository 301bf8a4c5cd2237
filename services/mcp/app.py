"""Assembles mcp."""

from dataclasses import dataclass

from libs.core.credentials import Keys
from libs.runtime.description import describe
from libs.runtime.service import HttpServer, Service
from services.mcp.handlers import Deps, run_tool
from services.mcp.http import ToolServer
from services.mcp.pool import PoolLimits, WorkerPool
from services.mcp.recorded import RecordedTools
from services.mcp.settings import Settings
from services.mcp.tools.registry import TOOLS

BOOTSTRAP_TENANT = "default"


@dataclass(frozen=True)
class WorkersCheck:
    """`/ready`: at least one worker process is alive."""

    pool: WorkerPool
    name: str = "tool workers"
    required: bool = True

    async def __call__(self) -> str | None:
        return None if self.pool.describe().alive else "no worker process is alive"


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    pool = WorkerPool(PoolLimits(workers=settings.workers))
    server = ToolServer(pool, Keys.of(settings.bootstrap_api_key.get_secret_value(), BOOTSTRAP_TENANT))
    tools = [tool.name for tool in TOOLS]
    http = HttpServer(lambda _: server.app(), settings.host, settings.port, about=(("tools", tools),))
    checks = (WorkersCheck(pool),)
    return Service(
        "mcp",
        deps=Deps(RecordedTools(pool)),
        handlers=(run_tool,),
        http=http,
        resources=(pool,),
        checks=checks,
        described=describe("mcp", settings),
    )
