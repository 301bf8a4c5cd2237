"""Assembles mcp."""

from libs.adapters.identity.authentication import doors_of
from libs.contracts.audit import AuditRecorded
from libs.runtime.process.description import describe
from libs.runtime.process.security_audit import SecurityAudit
from libs.runtime.service import HttpServer, Service
from services.mcp.api.authentication import ApiKeyMiddleware
from services.mcp.api.protocol.routes import protocol_of
from services.mcp.api.request_limits import request_limits
from services.mcp.api.rest import ToolServer
from services.mcp.handlers import Deps, run_tool
from services.mcp.settings import Settings
from services.mcp.tool_runtime import tool_runtime_of
from services.mcp.tools.read_recording_tools import ReadRecordingTools
from services.mcp.tools.served.files.links import PATH as DOWNLOADS


def build(settings: Settings | None = None) -> Service:
    """Raises ConfigurationError."""
    settings = settings or Settings.read()
    audit = SecurityAudit("mcp")
    room, doors = tool_runtime_of(settings, audit), doors_of(settings)
    limits = request_limits(settings.redis_url, audit, settings.failures_per_minute)
    protocol = protocol_of(room.toolbox, settings.mcp_sessions)
    app = ToolServer(room.toolbox, audit).app(*protocol.routes, *room.routes)
    door = ApiKeyMiddleware(app, doors.keys, settings.known_hosts, free=(DOWNLOADS,), limits=limits)
    tools = [tool.name for tool in room.toolbox.listing()]
    return Service(
        "mcp",
        deps=Deps(ReadRecordingTools(room.toolbox)),
        handlers=(run_tool,),
        http=HttpServer(lambda _: door, settings.host, settings.port, protocol.drain, about=(("tools", tools),)),
        publishes=(AuditRecorded,),
        resources=(*room.resources, *doors.resources, *limits.resources, *protocol.resources),
        checks=(*room.checks, *doors.checks, *limits.checks),
        workers=(*room.workers, audit.publish),
        described=describe("mcp", settings),
    )
