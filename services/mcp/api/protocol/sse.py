"""The HTTP+SSE transport of 2024, for clients without a newer one: an event stream, and a path for posted messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from uuid import UUID

from mcp.server.lowlevel.server import Server
from mcp.server.sse import SseServerTransport
from pydantic_core import from_json
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from libs.http.context import caller_in
from services.mcp.api.body import MAX_BODY_BYTES, BoundedBody, read_again, read_body
from services.mcp.api.protocol.session_limiter import SessionLimiter, SessionLimitReached
from services.mcp.api.protocol.session_owner import assign_owner
from services.mcp.api.protocol.sse_stream import BLOCKED_S, RequestTracker, ResponseTracker, SseStream
from services.mcp.api.responses import error_response

STREAM = "/mcp/sse"
MESSAGES = "/mcp/sse/messages"
MOST_IN_FLIGHT = 16  # unanswered messages per stream
MOST_OF_KEY = 64  # unanswered messages per key, on all of its streams
_SMALL_BYTES = 4096


class SseStreams:
    """The ASGI application of streams; requires AuthenticatedApp, as does that of messages.

    Messages are accepted only from the key that opened the stream. A stream ends if its client reads nothing for
    `blocked_s` seconds.
    """

    def __init__(self, server: Server[None], most: int, blocked_s: float = BLOCKED_S) -> None:
        self._server = server
        self._blocked_s = blocked_s
        self._sessions = SessionLimiter(most, "Streams")
        self.open: set[SseStream] = set()
        self._over = False
        self.transport = SseServerTransport(MESSAGES, max_request_body_size=MAX_BODY_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client until it disconnects."""
        if scope["method"] != "GET":
            await error_response(405, "A stream is opened by GET.")(scope, receive, send)
        elif self._over:
            await error_response(503, "This server is stopping.")(scope, receive, send)
        else:
            await self._with_session(scope, receive, send)

    def end(self) -> None:
        """End all streams and reject new ones."""
        self._over = True
        for stream in self.open:
            stream.life.cancel()

    async def _with_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = caller_in(scope).key_id
        try:
            with self._sessions.session(key):
                assign_owner(scope)
                await self._serve(SseStream(key, self._blocked_s), scope, receive, send)
        except SessionLimitReached as error:
            await error_response(503, str(error))(scope, receive, send)

    async def _serve(self, stream: SseStream, scope: Scope, receive: Receive, send: Send) -> None:
        both = stream.receiving(receive), stream.sending(send)
        self.open.add(stream)
        try:
            async with self.transport.connect_sse(scope, *both) as (incoming, outgoing):
                with stream.life:
                    await self._server.run(
                        RequestTracker(incoming, stream),
                        ResponseTracker(outgoing, stream),
                        self._server.create_initialization_options(),
                    )
                await outgoing.aclose()  # else the response waits for more
        finally:
            self.open.discard(stream)


class SseMessages:
    """The ASGI application of messages. Limits unanswered messages; the body of one over the limit is not read."""

    def __init__(self, streams: SseStreams) -> None:
        self._streams = streams
        self._post = BoundedBody(streams.transport.handle_post_message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assign_owner(scope)
        key = caller_in(scope).key_id
        ours = [stream for stream in self._streams.open if stream.key == key]
        session = _session_in(scope["query_string"])
        stream = next((each for each in ours if each.session == session), None)
        if stream is None:
            await self._post(scope, receive, send)  # the SDK reports an unknown stream
        elif stream.in_flight < MOST_IN_FLIGHT and sum(each.in_flight for each in ours) < MOST_OF_KEY:
            with _counted(stream):
                await self._post(scope, receive, send)
        else:
            await self._post_beyond(scope, receive, send)

    async def _post_beyond(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Above the limit, accept only small notifications, so that a client can still cancel its requests."""
        if _declared_bytes(scope) <= _SMALL_BYTES and _is_notification(body := await read_body(receive)):
            await self._post(scope, read_again(body, receive), send)
        else:
            why = f"Messages that are not answered yet: the limit is {MOST_IN_FLIGHT} a stream and {MOST_OF_KEY} a key."
            await error_response(503, why)(scope, receive, send)


def _declared_bytes(scope: Scope) -> float:
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isdecimal() else inf


def _is_notification(body: bytes) -> bool:
    try:
        message = from_json(body)
    except ValueError:
        return False
    return isinstance(message, dict) and "id" not in message


def _session_in(query: bytes) -> str | None:
    """The session of a message, parsed as the SDK does: a UUID has several spellings."""
    try:
        return UUID(hex=QueryParams(query).get("session_id", "")).hex
    except ValueError:
        return None


@contextmanager
def _counted(stream: SseStream) -> Iterator[None]:
    stream.in_flight += 1
    try:
        yield
    finally:
        stream.in_flight -= 1
