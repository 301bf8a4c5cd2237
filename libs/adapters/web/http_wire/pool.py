"""A pool of keep-alive connections to one server."""

import asyncio
import ssl
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

from libs.adapters.web.authorities import public_authorities
from libs.adapters.web.http_wire.connection import Broken, Connection
from libs.core.resource import Resource


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """`idle` bounds the number of idle connections.

    `keepalive_s` stays below the 5 s after which uvicorn and llama.cpp close idle sockets.
    """

    connect_timeout_s: float = 5.0
    keepalive_s: float = 4.0
    idle: int = 256


class Pool(Resource):
    """The connections to one URL. Leaving it closes the idle ones."""

    def __init__(self, url: str, limits: PoolLimits, *, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._limits = limits
        self._context = context if context is not None or not self._secure else public_authorities()
        self._idle: deque[Connection] = deque()
        where = f" {parts.path or '/'} HTTP/1.1\r\nhost: {parts.netloc}\r\n".encode()
        self._post, self._get = b"POST" + where, b"GET" + where

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._close_idle)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def post(self, headers: bytes, body: bytes) -> Connection:
        """Post a request; return its connection once the answer has begun.

        `headers` are lines that end with CRLF, without host and length. Raises Broken and OSError. Cancellation closes
        the connection.
        """
        return await self._exchange(b"%b%bcontent-length: %d\r\n\r\n%b" % (self._post, headers, len(body), body))

    async def get(self, headers: bytes) -> Connection:
        """As `post`, without a body."""
        return await self._exchange(b"%b%b\r\n" % (self._get, headers))

    async def _exchange(self, request: bytes) -> Connection:
        connection = self._waiting() or await self._connected()
        try:
            connection.send(request)
            await connection.head()
        except BaseException:
            connection.close()
            raise
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose answer was read to its end; otherwise close it."""
        if not connection.reusable or len(self._idle) >= self._limits.idle:
            connection.close()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)

    def _waiting(self) -> Connection | None:
        """The connection used last, if it is younger than `keepalive_s`: the server has not closed it yet."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and now - connection.idle_since < self._limits.keepalive_s:
                return connection
            connection.close()
        return None

    async def _connected(self) -> Connection:
        try:
            async with asyncio.timeout(self._limits.connect_timeout_s):
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection, self._host, self._port, ssl=self._context
                )
        except TimeoutError as error:
            raise Broken("the server takes no connection", began=False) from error
        return connection
