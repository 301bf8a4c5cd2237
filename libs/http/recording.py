"""Recording and replay of responses whose answers are on no log."""

from dataclasses import dataclass, field

import orjson
from starlette.types import Message, Send

MAX_BYTES = 1024 * 1024
REPLAYED = (b"idempotent-replayed", b"true")


@dataclass
class Recording:
    """Forwards messages and records up to 1 MB of them. `whole`: the response was sent and recorded to its end."""

    send: Send
    status: int = 0
    whole: bool = False
    _headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    _body: bytearray = field(default_factory=bytearray)
    _too_long: bool = False

    async def __call__(self, message: Message) -> None:
        await self.send(message)
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers = [(bytes(name), bytes(value)) for name, value in message["headers"]]
        elif not self._too_long:
            self._body += message.get("body", b"")
            self._too_long = len(self._body) > MAX_BYTES
            self.whole = not self._too_long and not message.get("more_body", False)

    def packed(self) -> bytes:
        """Serialize for `send_again`."""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._headers]
        return orjson.dumps([self.status, headers]) + b"\n" + self._body


async def send_again(packed: bytes, send: Send) -> None:
    head, _, body = packed.partition(b"\n")
    status, headers = orjson.loads(head)
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": [*raw, REPLAYED]})
    await send({"type": "http.response.body", "body": body})


def replaying(send: Send) -> Send:
    """Mark a replayed response with `idempotent-replayed`."""

    async def observed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], REPLAYED]
        await send(message)

    return observed
