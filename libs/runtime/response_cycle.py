"""uvicorn's cycle of one request and its response, which writes heads in a third of the steps."""

import asyncio
import string
from collections.abc import Collection
from typing import cast

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from libs.runtime.response_transport import ResponseTransport

_TOKEN = b"-!#$%&'*+.^_`|~" + string.digits.encode() + string.ascii_lowercase.encode()  # RFC 9110, 5.6.2
_CONTROL = bytes({*range(0x20), 0x7F} - {ord("\t")})  # RFC 9110, 5.5
_WITHOUT_BODY = (204, 304)


class ResponseCycle(RequestResponseCycle):
    """Checks all names and all values of a head at once. What follows a head is written by uvicorn."""

    async def send(self, message: Message) -> None:  # type: ignore[override]  # uvicorn has other words for the same
        """Send one part of the response. Raises RuntimeError for one that is malformed or out of order."""
        if self.response_started or message["type"] != "http.response.start":
            await super().send(message)  # type: ignore[arg-type]
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            head = self._head(message["status"], [*self.default_headers, *message.get("headers", ())])
            self.response_started, self.waiting_for_100_continue = True, False
            self.transport.write(head)

    def _head(self, status: int, fields: list[tuple[bytes, bytes]]) -> bytes:
        """Return a head, and keep how its body is framed and whether the connection stays open."""
        known: dict[bytes, bytes] = {}
        lines = [STATUS_LINE[status]]
        for name, value in fields:
            lower = name.lower()
            known[lower] = value
            lines += (lower, b": ", value, b"\r\n")
        _check(known, b"".join(lines[3::4]))
        if b"connection" in known and b"close" in [one.strip() for one in known[b"connection"].lower().split(b",")]:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close\r\n")
        if b"content-length" in known:
            self.expected_content_length, self.chunked_encoding = int(known[b"content-length"]), False
        elif known.get(b"transfer-encoding", b"").lower() == b"chunked":
            self.chunked_encoding = True
        elif self.scope["method"] != "HEAD" and status not in _WITHOUT_BODY:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)


def _check(names: Collection[bytes], values: bytes) -> None:
    if b"" in names or b"".join(names).translate(None, _TOKEN):
        raise RuntimeError("Invalid HTTP header name.")
    if len(values.translate(None, _CONTROL)) < len(values):
        raise RuntimeError("Invalid HTTP header value.")


def _expects_continue(fields: list[tuple[bytes, bytes]]) -> bool:
    if b"expect" not in dict(fields):
        return False  # as nearly always
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in fields)


def cycle_of(connection: HttpToolsProtocol) -> ResponseCycle:
    """Return the cycle of the request whose head a connection has just read."""
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
