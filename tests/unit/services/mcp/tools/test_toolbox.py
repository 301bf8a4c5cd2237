"""`GET /tools`, MCP's list, `/invoke` and planned calls agree on the tools that a caller may use."""

import functools
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.plan import ToolCall
from libs.contracts.tool import TOOL_NAMES, RunTool
from libs.ports.identity import EVERYTHING, GrantKind, Grants
from services.mcp.api.protocol.server import _Handlers
from services.mcp.api.protocol.translation import tool_of
from services.mcp.contract import Caller, ToolError
from services.mcp.handlers import Deps, run_tool
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.served.assembly import served_tools_of
from services.mcp.tools.served.settings import ServedSettings
from services.mcp.tools.toolbox import Toolbox
from tests.unit.libs.contracts.test_failures import ORIGIN
from tests.unit.services.mcp.tools.test_policy import SwitchesOf

SERVED = served_tools_of(ServedSettings.read({}), 8003).tools
REFUSED = frozenset({"forbidden", "disabled", "unavailable"})
names = st.frozensets(st.sampled_from(TOOL_NAMES))
tenants = st.sampled_from(["default", "acme"])


@functools.cache
def box(off: frozenset[str]) -> Toolbox:
    """Toolbox whose workers never started: a call that the rules let through ends in `worker_lost`."""
    return Toolbox(ToolPools(), SERVED, SwitchesOf(*off))


def caller_with(granted: frozenset[str], tenant: str) -> Caller:
    grants: frozenset[tuple[GrantKind, str]] = frozenset(("mcp_tool", name) for name in granted)
    return Caller(tenant, Grants(grants))


async def code_of(tools: Toolbox, name: str, caller: Caller) -> str:
    try:
        await tools.invoke(name, {}, caller=caller)
    except ToolError as error:
        return error.code
    return ""


@given(st.one_of(names, st.just(frozenset({EVERYTHING}))), names, tenants)
@settings(max_examples=25)
async def test_every_way_offers_and_refuses_the_same_tools(
    granted: frozenset[str], off: frozenset[str], tenant: str
) -> None:
    tools, caller = box(off), caller_with(granted, tenant)
    listed = {each.described.name for each in tools.listing_for(caller) if each.enabled and each.available}
    handlers = _Handlers(tools, lambda _: caller, {tool.name: tool_of(tool) for tool in tools.listing()})
    by_mcp = {tool.name for tool in (await handlers.list_tools(None, None)).tools}  # type: ignore[arg-type]
    run = {name for name in TOOL_NAMES if await code_of(tools, name, caller) not in REFUSED}
    assert by_mcp == listed == run
    assert EVERYTHING in granted or run <= granted


@given(names, st.sampled_from(TOOL_NAMES), tenants)
@settings(max_examples=100)
async def test_a_planned_call_of_a_tool_that_is_not_granted_is_refused_where_it_would_run(
    granted: frozenset[str], tool: str, tenant: str
) -> None:
    origin = replace(ORIGIN, tenant=tenant)
    command = RunTool(part="p1", call=ToolCall(tool=tool, arguments={}), tools=tuple(granted - {tool})).opening(origin)
    ended = await run_tool(command, Deps(box(frozenset())))
    assert ended.failure is not None
    assert ended.failure.code == "forbidden"
