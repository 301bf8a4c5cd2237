"""The protocol server over a toolbox."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TypeAlias

from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.subscriptions import ListenHandler
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    Tool,
)
from pydantic import JsonValue

from services.mcp.api.protocol.translation import META, refusal_of, result_of, tool_of
from services.mcp.contract import Caller, ToolError
from services.mcp.tools.toolbox import Toolbox

NAME = "sovereign-fleet"
INSTRUCTIONS = (
    "Exact tools: arithmetic, dates, units, statistics, text, networks, documents and sources. A result is computed, "
    "never guessed, and says by which rule and table; what cannot be exact is refused with a code. Call a tool instead "
    "of computing by yourself."
)
LIST_TTL_MS = 60_000  # a cached list may name a tool that is now switched off: its calls are refused

Context: TypeAlias = ServerRequestContext[None]
CallerOf = Callable[[Context], Caller]


def tool_server(toolbox: Toolbox, caller_of: CallerOf, listen: ListenHandler | None = None) -> Server[None]:
    """A server of these tools. `caller_of` identifies the caller of a request, `listen` handles subscriptions to
    changes."""
    handlers = _Handlers(toolbox, caller_of, {tool.name: tool_of(tool) for tool in toolbox.listing()})
    return Server(
        NAME,
        version=version(NAME),
        title="Sovereign Fleet: exact tools",
        instructions=INSTRUCTIONS,
        cache_hints={"tools/list": CacheHint(LIST_TTL_MS, "private"), "server/discover": CacheHint(LIST_TTL_MS)},
        lifespan=_nothing_to_open,
        get_tool_input_schema=handlers.input_schema,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_subscriptions_listen=listen,
    )


@dataclass(frozen=True)
class _Handlers:
    toolbox: Toolbox
    caller_of: CallerOf
    tools: dict[str, Tool] = field(repr=False)

    def input_schema(self, name: str) -> dict[str, JsonValue] | None:
        """Avoids listing all tools on each call, which the SDK does to look for `x-mcp-header`."""
        tool = self.tools.get(name)
        return None if tool is None else tool.input_schema

    async def list_tools(self, context: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        """List the usable tools, all on one page, always in the same order."""
        try:
            listed = self.toolbox.listing_for(self.caller_of(context))
        except ToolError as error:
            raise _protocol_error(error) from error
        return ListToolsResult(tools=[self.tools[tool.described.name] for tool in listed if tool.usable])

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """Run a tool. Its refusals are results; only an unknown tool is an error of the protocol."""
        try:
            result = await self.toolbox.invoke(params.name, params.arguments or {}, caller=self.caller_of(context))
        except ToolError as error:
            if error.code == "unknown_tool":
                raise _protocol_error(error) from error
            return refusal_of(error)
        return result_of(result)


def _protocol_error(error: ToolError) -> MCPError:
    return MCPError(INVALID_PARAMS, str(error), {f"{META}error": error.code})


@asynccontextmanager
async def _nothing_to_open(_: Server[None]) -> AsyncIterator[None]:
    yield
