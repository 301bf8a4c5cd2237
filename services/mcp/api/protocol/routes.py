"""All HTTP transports of the protocol."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from mcp.server.lowlevel.server import Server
from starlette.routing import BaseRoute, Route

from services.mcp.api.body import BoundedBody
from services.mcp.api.protocol.changes import ListChanges
from services.mcp.api.protocol.server import tool_server
from services.mcp.api.protocol.session_owner import caller_of
from services.mcp.api.protocol.sse import MESSAGES, STREAM, SseMessages, SseStreams
from services.mcp.api.protocol.streamable import StreamableHttp
from services.mcp.tools.toolbox import Toolbox


@dataclass(frozen=True)
class Protocol:
    """`routes` require AuthenticatedApp; enter `resources` before the first request.

    `drain` ends streams and sessions, so that a stop need not wait for them.
    """

    routes: tuple[BaseRoute, ...]
    resources: tuple[AbstractAsyncContextManager[object], ...]
    drain: Callable[[], Awaitable[None]]


def protocol_of(toolbox: Toolbox, sessions: int) -> Protocol:
    """The transports of these tools; `sessions` limits sessions and streams, each kind separately."""
    changes = ListChanges(toolbox, max(sessions, 1))
    return protocol_over(tool_server(toolbox, caller_of, changes.listen), changes, sessions)


def protocol_over(server: Server[None], changes: ListChanges, sessions: int) -> Protocol:
    streamable, sse = StreamableHttp(server, sessions), SseStreams(server, max(sessions, 1))
    routes = (Route("/mcp", BoundedBody(streamable)), Route(STREAM, sse), Route(MESSAGES, SseMessages(sse)))

    async def drain() -> None:
        changes.end()
        streamable.end()
        sse.end()

    return Protocol(routes, (changes, streamable), drain)
