"""Streamable HTTP at `/mcp`: requests of 2026 are stateless, those of 2025 and before may have sessions."""

import asyncio
from contextlib import AsyncExitStack

from mcp.server.auth.middleware.bearer_auth import AuthorizationContext
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http import StreamableHTTPServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from services.mcp.api.body import MAX_BODY_BYTES
from services.mcp.api.protocol.session_limiter import most_per_key
from services.mcp.api.protocol.session_owner import assign_owner
from services.mcp.api.responses import error_response

IDLE_S = 600.0


class _Sessions(StreamableHTTPSessionManager):
    """The SDK's session manager with a limit per key."""

    def _admit_session(self, requestor: AuthorizationContext | None) -> StreamableHTTPServerTransport | None:
        """Open a session; None at the limit, which the SDK reports as 503."""
        owned = sum(owner == requestor for owner in self._session_owners.values())
        if self.max_sessions is not None and owned >= most_per_key(self.max_sessions):
            return None
        return super()._admit_session(requestor)


class StreamableHttp(Resource):
    """An ASGI application and its resource; requires AuthenticatedApp, which checks host and origin.

    A session belongs to its key: requests with another key do not find it.
    """

    def __init__(self, server: Server[None], sessions: int) -> None:
        self._manager = _Sessions(
            server,
            stateless=sessions == 0,
            session_idle_timeout=IDLE_S,
            max_request_body_size=MAX_BODY_BYTES,
            max_sessions=sessions or None,
        )
        self._ready, self._over = asyncio.Event(), asyncio.Event()
        self._failure: BaseException | None = None
        self._tasks = TaskSet(self._failed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._over.is_set():
            await error_response(503, "This server is stopping.")(scope, receive, send)
            return
        assign_owner(scope)
        # Blanks around a value are not part of it (RFC 9110, 5.5); the server's parser keeps the trailing ones.
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        await self._manager.handle_request(scope, receive, send)

    def end(self) -> None:
        """End all sessions and their streams, and reject new ones."""
        self._over.set()

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._tasks.cancel)
        stack.callback(self.end)
        self._tasks.start(self._run(), name="mcp sessions")
        await self._ready.wait()
        if self._failure is not None:
            raise self._failure

    async def _run(self) -> None:
        """Hold the sessions' task group: the task that entered it must also exit it."""
        async with self._manager.run():
            self._ready.set()
            await self._over.wait()

    def _failed(self, error: BaseException) -> None:
        self._failure = error
        self._ready.set()
