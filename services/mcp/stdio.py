"""The tool server of one client that starts this process, over standard input and output."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from libs.runtime.settings.identity import BOOTSTRAP_TENANT
from services.mcp.api.protocol.stdio import serve_stdio
from services.mcp.assembly.tool_runtime import tool_runtime_of
from services.mcp.contract import Caller
from services.mcp.settings import Settings
from services.mcp.tools.policy import granted


async def serve_over_stdio(given: Mapping[str, str]) -> None:
    """Serve until standard input ends; `given` variables override the environment. Raises ConfigurationError.

    The caller has all tools of the tenant `default`: it is the owner of this process.
    """
    room = tool_runtime_of(Settings.read(given))
    async with AsyncExitStack() as stack:
        for resource in room.resources:
            await stack.enter_async_context(resource)
        await room.switches_known()
        await serve_stdio(room.toolbox, Caller(BOOTSTRAP_TENANT, granted(None)))
