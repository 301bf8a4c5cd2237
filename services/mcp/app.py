"""Opens the ports of mcp."""

from libs.adapters.identity.authentication import authentication_of
from libs.runtime.assembly import Assembly
from libs.runtime.process.security_audit import SecurityAudit
from libs.runtime.service import HttpServer
from services.mcp.api.authentication import AuthenticatedApp
from services.mcp.api.protocol.routes import protocol_of
from services.mcp.api.rest import ToolServer
from services.mcp.assembly.request_limits import request_limits
from services.mcp.assembly.tool_runtime import tool_runtime_of
from services.mcp.handlers import Deps
from services.mcp.settings import Settings
from services.mcp.tools.read_recording_tools import ReadRecordingTools
from services.mcp.tools.served.files.links import PATH as DOWNLOADS


def open_ports(settings: Settings, assembly: Assembly) -> Deps:
    """Raises ConfigurationError."""
    audit = SecurityAudit("mcp")
    tool_runtime, authentication = tool_runtime_of(settings, audit), authentication_of(settings)
    limits = request_limits(settings.redis_url, audit, settings.failures_per_minute)
    protocol = protocol_of(tool_runtime.toolbox, settings.mcp_sessions)
    app = ToolServer(tool_runtime.toolbox, audit).app(*protocol.routes, *tool_runtime.routes)
    authenticated = AuthenticatedApp(app, authentication.keys, settings.known_hosts, free=(DOWNLOADS,), limits=limits)
    tools = [tool.name for tool in tool_runtime.toolbox.listing()]
    assembly.serve(
        HttpServer(lambda _: authenticated, settings.host, settings.port, protocol.drain, about=(("tools", tools),))
    )
    assembly.add(tool_runtime.resources, tool_runtime.checks, (*tool_runtime.workers, audit.publish))
    assembly.add(authentication.resources, authentication.checks)
    assembly.add(limits.resources, limits.checks)
    assembly.add(protocol.resources)
    return Deps(ReadRecordingTools(tool_runtime.toolbox))
