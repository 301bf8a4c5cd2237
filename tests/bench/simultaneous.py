"""Simultaneous requests of a client with little CPU use, so that it measures the server's time."""

import asyncio
import json
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.support.fleet_processes import KEY

READ_BYTES = 65536


@dataclass
class Exchange:
    """One request over a separate connection. `began_at` is when it began to connect."""

    request: bytes
    began_at: float = 0.0
    first_s: float = 0.0
    took_s: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    @property
    def status(self) -> int:
        """Status of the response, 0 where there is none."""
        line = bytes(self.received[:16]).split(b" ")
        return int(line[1]) if len(line) > 1 else 0

    def header(self, name: str) -> str:
        """Field of the response's head, empty for none."""
        head = bytes(self.received).partition(b"\r\n\r\n")[0].decode("latin-1")
        fields = (line.partition(":") for line in head.split("\r\n")[1:])
        return next((value.strip() for field_name, _, value in fields if field_name.lower() == name), "")


def post(path: str, body: dict[str, object], key: str = KEY) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: burst\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + content


async def send_at_once(url: str, requests: Sequence[bytes]) -> list[Exchange]:
    """Outcomes of simultaneous requests, after the end of the last response."""
    return await asyncio.to_thread(_send_at_once, url, requests)


def _send_at_once(url: str, requests: Sequence[bytes]) -> list[Exchange]:
    split = urlsplit(url)
    address = (split.hostname or "", split.port or 0)
    exchanges = [Exchange(request) for request in requests]
    with selectors.DefaultSelector() as selector:
        for exchange in exchanges:
            connection = socket.socket()
            connection.setblocking(False)
            exchange.began_at = time.perf_counter()
            connection.connect_ex(address)
            selector.register(connection, selectors.EVENT_WRITE, exchange)
        while selector.get_map():
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                _step(selector, key.fileobj, key.data)
    return exchanges


def _step(selector: selectors.BaseSelector, connection: socket.socket, exchange: Exchange) -> None:
    if exchange.request:
        sent = connection.send(exchange.request)
        exchange.request = exchange.request[sent:]
        if not exchange.request:
            selector.modify(connection, selectors.EVENT_READ, exchange)
        return
    piece = connection.recv(READ_BYTES)
    exchange.took_s = time.perf_counter() - exchange.began_at
    if piece:
        exchange.first_s = exchange.first_s or exchange.took_s
        exchange.received += piece
    else:
        selector.unregister(connection)
        connection.close()
