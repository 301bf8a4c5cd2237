"""Assembles mcp."""

from libs.adapters.doors import doors_of
from libs.runtime.description import describe
from libs.runtime.service import HttpServer, Service
from services.mcp.handlers import Deps, run_tool
from services.mcp.http.door import Door
from services.mcp.http.tools import ToolServer
from services.mcp.protocol.routes import protocol_of
from services.mcp.recorded import RecordedTools
from services.mcp.served.files.links import PATH as DOWNLOADS
from services.mcp.settings import Settings
from services.mcp.toolroom import toolroom_of


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    room, doors = toolroom_of(settings), doors_of(settings)
    protocol = protocol_of(room.toolbox, settings.mcp_sessions)
    app = ToolServer(room.toolbox).app(*protocol.routes, *room.routes)
    door = Door(app, doors.keys, settings.known_hosts, free=(DOWNLOADS,))
    tools = [tool.name for tool in room.toolbox.listing()]
    return Service(
        "mcp",
        deps=Deps(RecordedTools(room.toolbox)),
        handlers=(run_tool,),
        http=HttpServer(lambda _: door, settings.host, settings.port, protocol.drain, about=(("tools", tools),)),
        resources=(*room.resources, *doors.resources, *protocol.resources),
        checks=(*room.checks, *doors.checks),
        workers=room.workers,
        described=describe("mcp", settings),
    )
