"""uvicorn's cycle of one request and its response, with heads written in a third of the steps."""

import asyncio
import string
from collections.abc import Callable, Collection, Coroutine
from typing import cast

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from libs.runtime.process.http.response_transport import ResponseTransport

_TOKEN = b"-!#$%&'*+.^_`|~" + string.digits.encode() + string.ascii_lowercase.encode()  # RFC 9110, 5.6.2
_CONTROL = bytes({*range(0x20), 0x7F} - {ord("\t")})  # RFC 9110, 5.5
_WITHOUT_BODY = (204, 304)
_send = cast(Callable[["ResponseCycle", Message], Coroutine[None, None, None]], RequestResponseCycle.send)


class ResponseCycle(RequestResponseCycle):
    """Checks all names and all values of a head at once. uvicorn writes the rest of the response."""

    def send(self, message: Message) -> Coroutine[None, None, None]:  # type: ignore[override]  # uvicorn's words differ
        """Send one part of the response. Raises RuntimeError for one that is malformed or out of order.

        Not a coroutine around uvicorn's: each chunk of a stream would pay for it.
        """
        if self.response_started or message["type"] != "http.response.start":
            return _send(self, message)
        return self._begin(message)

    async def _begin(self, message: Message) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            head = self._head(message["status"], [*self.default_headers, *message.get("headers", ())])
            self.response_started, self.waiting_for_100_continue = True, False
            self.transport.write(head)

    def _head(self, status: int, fields: list[tuple[bytes, bytes]]) -> bytes:
        """Records the framing of the body and whether the connection stays open."""
        if not _are_names(known := dict(fields)):
            fields = [(name.lower(), value) for name, value in fields]
            known = dict(fields)
        lines = _checked_lines(known, fields)
        if b"connection" in known and b"close" in [one.strip() for one in known[b"connection"].lower().split(b",")]:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close")
        if b"content-length" in known:
            self.expected_content_length, self.chunked_encoding = int(known[b"content-length"]), False
        elif known.get(b"transfer-encoding", b"").lower() == b"chunked":
            self.chunked_encoding = True
        elif self.scope["method"] != "HEAD" and status not in _WITHOUT_BODY:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked")
        return STATUS_LINE[status] + b"\r\n".join([*lines, b"", b""])


def _checked_lines(names: Collection[bytes], fields: list[tuple[bytes, bytes]]) -> list[bytes]:
    """One line per field. All are checked together: a loop over them would take longer than all the rest."""
    if not _are_names(names):
        raise RuntimeError("Invalid HTTP header name.")
    lines = list(map(b": ".join, fields))
    text = b"".join(lines)
    if len(text.translate(None, _CONTROL)) < len(text):
        raise RuntimeError("Invalid HTTP header value.")
    return lines


def _are_names(names: Collection[bytes]) -> bool:
    return b"" not in names and not b"".join(names).translate(None, _TOKEN)


def _expects_continue(fields: list[tuple[bytes, bytes]]) -> bool:
    if b"expect" not in dict(fields):
        return False  # as nearly always
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in fields)


def cycle_of(connection: HttpToolsProtocol) -> ResponseCycle:
    """Create the cycle of the request whose head the connection has just read."""
    cycle = ResponseCycle(
        scope=connection.scope,
        transport=connection.transport,
        flow=connection.flow,
        logger=connection.logger,
        access_logger=connection.access_logger,
        access_log=False,
        default_headers=connection.server_state.default_headers,
        message_event=asyncio.Event(),
        expect_100_continue=_expects_continue(connection.headers),
        keep_alive=connection.scope["http_version"] != "1.0" and connection.parser.should_keep_alive(),
        on_response=connection.on_response_complete,
    )
    cycle.transport = cast(asyncio.Transport, ResponseTransport(cycle, connection.transport, connection.loop))
    return cycle
