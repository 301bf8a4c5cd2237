"""Our own server as it is, keys, hosts and all, with the suite's fixtures beside our tools."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from mcp.server.lowlevel.server import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.shared.subscriptions import PromptsListChanged, ServerEvent, ToolsListChanged
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    GetPromptRequestParams,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.adapters.identity.authentication import authentication_of
from libs.core.tasks import TaskSet
from libs.runtime.process.http.listener import HttpListener
from libs.testing.keys import API_KEY
from services.mcp.api.authentication import AuthenticatedApp
from services.mcp.api.protocol.changes import ListChanges
from services.mcp.api.protocol.routes import protocol_over
from services.mcp.api.protocol.server import tool_server
from services.mcp.api.protocol.session_owner import caller_of
from services.mcp.api.rest import ToolServer
from services.mcp.assembly.tool_runtime import tool_runtime_of
from services.mcp.settings import Settings
from tests.conformance import library
from tests.conformance.asking_tools import ASKING_TOOLS
from tests.conformance.pieces import Context, FixtureTool, Outcome, said
from tests.conformance.plain_tools import PLAIN_TOOLS
from tests.conformance.round_tools import ROUND_TOOLS

KEY = API_KEY
SESSIONS = 400  # a quarter of them for the suite's key


class WithKey:
    """Adds the key that the suite has no way to send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [*scope["headers"], (b"x-api-key", KEY.encode())]
        await self._app(scope, receive, send)


@asynccontextmanager
async def serving(data_dir: str) -> AsyncIterator[str]:
    """Serve on a free port; yield the URL of the MCP endpoint."""
    settings = Settings.read({"MOE_BOOTSTRAP_API_KEY": KEY, "MOE_MCP_PORT": "0", "MOE_DATA_DIR": data_dir})
    runtime, authentication = tool_runtime_of(settings), authentication_of(settings)
    changes = ListChanges(runtime.toolbox, SESSIONS)
    protocol = protocol_over(
        _dressed(tool_server(runtime.toolbox, caller_of, changes.listen), changes), changes, SESSIONS
    )
    authenticated = AuthenticatedApp(
        ToolServer(runtime.toolbox).app(*protocol.routes), authentication.keys, settings.known_hosts
    )
    async with AsyncExitStack() as stack:
        for resource in (*runtime.resources, *protocol.resources):
            await stack.enter_async_context(resource)
        listener = HttpListener(WithKey(authenticated), "127.0.0.1", 0, TaskSet(_failed))
        listener.start()
        yield f"http://127.0.0.1:{listener.port}/mcp"
        await listener.stop()


def _dressed(server: Server[None], changes: ListChanges) -> Server[None]:
    """Add the fixtures. Our own handlers stay: names without a fixture are forwarded to them."""
    tools = {tool.name: tool for tool in (*PLAIN_TOOLS, *ASKING_TOOLS, *ROUND_TOOLS, *_triggers(changes))}
    _add_tools(server, tools)
    server.add_request_handler("prompts/list", PaginatedRequestParams, library.list_prompts)
    server.add_request_handler("prompts/get", GetPromptRequestParams, library.get_prompt)
    server.add_request_handler("resources/list", PaginatedRequestParams, library.list_resources)
    server.add_request_handler("resources/templates/list", PaginatedRequestParams, library.list_templates)
    server.add_request_handler("resources/read", ReadResourceRequestParams, library.read_resource)
    server.add_request_handler("resources/subscribe", SubscribeRequestParams, library.agree)
    server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, library.agree)
    server.add_request_handler("completion/complete", CompleteRequestParams, library.complete)
    server.add_request_handler("logging/setLevel", SetLevelRequestParams, library.agree)
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=server.name))
    return server


def _add_tools(server: Server[None], tools: dict[str, FixtureTool]) -> None:
    ours_list, ours_call = server.get_request_handler("tools/list"), server.get_request_handler("tools/call")
    ours_schema = server.get_tool_input_schema
    assert ours_list is not None
    assert ours_call is not None
    assert ours_schema is not None
    schemas = {name: tool.input_schema for name, tool in tools.items()}

    async def list_tools(context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        ours = await ours_list.handler(context, params)
        assert isinstance(ours, ListToolsResult)
        return ListToolsResult(tools=[*ours.tools, *(tool.listed() for tool in tools.values())])

    async def call_tool(context: Context, params: CallToolRequestParams) -> Outcome:
        if params.name in tools:
            return await tools[params.name].run(context, params)
        outcome = await ours_call.handler(context, params)
        assert isinstance(outcome, CallToolResult)
        return outcome

    server.add_request_handler("tools/list", PaginatedRequestParams, list_tools)
    server.add_request_handler("tools/call", CallToolRequestParams, call_tool)
    server.get_tool_input_schema = lambda name: schemas[name] if name in schemas else ours_schema(name)


def _triggers(changes: ListChanges) -> tuple[FixtureTool, ...]:
    def telling(event: ServerEvent) -> FixtureTool:
        async def run(_: Context, __: CallToolRequestParams) -> Outcome:
            await changes.bus.publish(event)
            return said("All listeners were notified.")

        kind = "tool" if isinstance(event, ToolsListChanged) else "prompt"
        return FixtureTool(f"test_trigger_{kind}_change", run)

    return telling(ToolsListChanged()), telling(PromptsListChanged())


def _failed(error: BaseException) -> None:
    logging.getLogger(__name__).critical("the server broke", exc_info=error)
