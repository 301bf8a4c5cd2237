"""The protocol over standard input and output, for a client that starts this process."""

from mcp.server.stdio import stdio_server

from services.mcp.api.protocol.server import tool_server
from services.mcp.contract import Caller
from services.mcp.tools.toolbox import Toolbox


async def serve_stdio(toolbox: Toolbox, caller: Caller) -> None:
    """Serve `caller` until standard input ends. Reserves standard output for the protocol."""
    server = tool_server(toolbox, lambda _: caller)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
