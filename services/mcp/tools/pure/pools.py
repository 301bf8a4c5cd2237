"""The workers of all pure tools. Slow tools have workers of their own: cheap tools never queue behind them."""

from contextlib import AsyncExitStack

from libs.core.resource import Resource
from libs.core.tasks import all_or_first_error
from services.mcp.contract import AnswerStyle, Arguments, ToolResult
from services.mcp.tools.pure.descriptions import pure_tools
from services.mcp.workers.pool import CallContext, PoolLimits, PoolState, WorkerPool

SLOW_PROGRAM = "services.mcp.tools.pure.slow_worker"
_PLAIN = AnswerStyle()


class ToolPools(Resource):
    """Enter them before use; both start at the same time."""

    def __init__(self, limits: PoolLimits | None = None) -> None:
        self._quick = WorkerPool(limits)
        self._slow = WorkerPool(limits, SLOW_PROGRAM)
        self._slow_names = frozenset(tool.name for tool in pure_tools().lengthy)

    async def _enter(self, stack: AsyncExitStack) -> None:
        """Raises ToolError(worker_lost) if processes cannot be started."""
        async with all_or_first_error() as starting:
            for pool in (self._quick, self._slow):
                starting.create_task(stack.enter_async_context(pool))

    async def invoke(self, tool: str, args: Arguments, *, tenant: str, style: AnswerStyle = _PLAIN) -> ToolResult:
        """Run one tool for a tenant. Raises ToolError as `WorkerPool.invoke`."""
        pool = self._slow if tool in self._slow_names else self._quick
        return await pool.invoke(tool, args, style=style, context=CallContext(tenant))

    def describe(self) -> tuple[PoolState, PoolState]:
        """State of the quick and of the slow workers."""
        return self._quick.describe(), self._slow.describe()
