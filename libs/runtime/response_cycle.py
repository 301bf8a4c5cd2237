"""uvicorn's cycle of one request and its response, which writes heads in a third of the steps."""

import re
from itertools import chain

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_NAMES = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-z]*")  # RFC 9110, 5.1
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110, 5.5
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
        flat = [*chain.from_iterable(fields)]
        flat[::2] = names = [*map(bytes.lower, flat[::2])]
        if b"" in names or not _NAMES.fullmatch(b"".join(names)):
            raise RuntimeError("Invalid HTTP header name.")
        if _CONTROL.search(b"".join(flat[1::2])):
            raise RuntimeError("Invalid HTTP header value.")
        known = dict(zip(names, flat[1::2], strict=True))
        lines = [STATUS_LINE[status], (b"%b: %b\r\n" * len(names)) % tuple(flat)]
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
