"""One stream of the HTTP+SSE transport: limits of unanswered messages and of unread answers."""

import contextvars
import re
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Protocol, Self

import anyio
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp_types import JSONRPCError, JSONRPCRequest, JSONRPCResponse
from starlette.types import Message, Receive, Send

BLOCKED_S = 10.0
_SESSION = re.compile(rb"session_id=([0-9a-f]{32})")


@dataclass(slots=True, eq=False)
class SseStream:
    """`key` opened the stream; cancelling `life` ends the server's run, and its output can still be read.

    `in_flight` counts messages that are being read or not yet settled: each keeps its body in memory. A client that
    reads nothing for `blocked_s` seconds counts as disconnected.
    """

    key: str
    blocked_s: float = BLOCKED_S
    session: str = ""
    in_flight: int = 0
    life: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _left: bool = False
    _listening: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    def sending(self, send: Send) -> Send:
        """A `send` that records the session's id and detects a client that no longer reads."""

        async def sent(message: Message) -> None:
            if not self.session and (named := _SESSION.search(message.get("body", b""))):
                self.session = named[1].decode()
            with anyio.move_on_after(self.blocked_s) as waiting:
                await send(message)
            if waiting.cancelled_caught:
                self._left = True
                self._listening.cancel()
                await anyio.sleep_forever()  # until the response ends

        return sent

    def receiving(self, receive: Receive) -> Receive:
        """A `receive` that reports the disconnect of such a client."""

        async def received() -> Message:
            with anyio.CancelScope() as self._listening:
                if not self._left:
                    return await receive()
            return {"type": "http.disconnect"}

        return received

    async def settled(self) -> None:
        """Stop counting a message that the SDK no longer holds."""
        self.in_flight -= 1


class Incoming(Protocol):
    """The SDK's stream of a client's messages. `last_context` is the context of the last message's request."""

    @property
    def last_context(self) -> contextvars.Context | None: ...

    async def receive(self) -> SessionMessage | Exception: ...

    async def aclose(self) -> None: ...


class Outgoing(Protocol):
    """The SDK's stream of messages to a client."""

    async def send(self, item: SessionMessage, /) -> None: ...

    async def aclose(self) -> None: ...


class Closing:
    """Closes the wrapped stream on exit."""

    def __init__(self, end: Incoming | Outgoing) -> None:
        self._end = end

    async def aclose(self) -> None:
        await self._end.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class RequestTracker(Closing):
    """`Incoming` that counts requests until they are settled: answered, or cancelled by the client."""

    def __init__(self, incoming: Incoming, stream: SseStream) -> None:
        super().__init__(incoming)
        self._incoming, self._stream = incoming, stream

    @property
    def last_context(self) -> contextvars.Context | None:
        return self._incoming.last_context

    async def receive(self) -> SessionMessage | Exception:
        item = await self._incoming.receive()
        if isinstance(item, Exception) or not isinstance(item.message, JSONRPCRequest):
            return item
        self._stream.in_flight += 1
        metadata = item.metadata if isinstance(item.metadata, ServerMessageMetadata) else ServerMessageMetadata()
        return replace(item, metadata=replace(metadata, on_request_unanswered=self._stream.settled))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream as error:
            raise StopAsyncIteration from error


class ResponseTracker(Closing):
    """`Outgoing` that settles a request when its answer was sent."""

    def __init__(self, outgoing: Outgoing, stream: SseStream) -> None:
        super().__init__(outgoing)
        self._outgoing, self._stream = outgoing, stream

    async def send(self, item: SessionMessage, /) -> None:
        try:
            await self._outgoing.send(item)
        finally:
            if isinstance(item.message, JSONRPCResponse | JSONRPCError):
                await self._stream.settled()
