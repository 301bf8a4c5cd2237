"""The tool server of one client that starts this process, over standard input and output."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from libs.runtime.settings.identity import BOOTSTRAP_TENANT
from services.mcp.api.protocol.stdio import serve_stdio
from services.mcp.assembly.tool_runtime import tool_runtime_of
from services.mcp.contract import Caller
from services.mcp.settings import Settings
from services.mcp.tools.policy import granted


async def serve_over_stdio(overrides: Mapping[str, str]) -> None:
    """Serve until standard input ends; `overrides` take precedence over the environment. Raises ConfigurationError.

    The caller has all tools of the tenant `default`: it is the owner of this process.
    """
    tool_runtime = tool_runtime_of(Settings.read(overrides))
    async with AsyncExitStack() as stack:
        for resource in tool_runtime.resources:
            await stack.enter_async_context(resource)
        await tool_runtime.switches_known()
        await serve_stdio(tool_runtime.toolbox, Caller(BOOTSTRAP_TENANT, granted(None)))
