"""The tools for one client that has started us, over standard input and output."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from libs.adapters.identity.settings import BOOTSTRAP_TENANT
from services.mcp.api.protocol.stdio import serve_stdio
from services.mcp.contract import Caller
from services.mcp.settings import Settings
from services.mcp.tool_runtime import tool_runtime_of
from services.mcp.tools.policy import granted


async def serve_over_stdio(given: Mapping[str, str]) -> None:
    """Serve until standard input ends; `given` variables come before the environment. Raises ConfigurationError.

    The client is whoever runs this process, with all tools of the tenant `default`.
    """
    room = tool_runtime_of(Settings.read(given))
    async with AsyncExitStack() as stack:
        for resource in room.resources:
            await stack.enter_async_context(resource)
        await room.switches_known()
        await serve_stdio(room.toolbox, Caller(BOOTSTRAP_TENANT, granted(None)))
