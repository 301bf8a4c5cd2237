"""TCP and TLS connections to one address."""

import asyncio
import ssl
from functools import lru_cache
from typing import Protocol

from libs.adapters.web.authorities import own_authorities
from libs.adapters.web.fetcher.addresses import Address
from libs.adapters.web.http_wire import Connection


class Connector(Protocol):
    async def connect(self, address: Address, port: int, *, tls_name: str | None) -> "Wire":
        """Connect to exactly this address; with a `tls_name`, use TLS and verify the certificate for that name.

        Raises OSError, ssl.SSLError among them.
        """
        ...


class Wire(Connection):
    """A connection that counts all received bytes: head, body, chunk extensions, trailers."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        super().__init__()
        self._left = 0

    def expect(self, at_most: int) -> None:
        """Accept at most so many bytes from now on; one more breaks the connection."""
        self._left = at_most

    @property
    def overrun(self) -> bool:
        return self._left < 0

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._fail("more came than was asked for")
            return
        super().data_received(data)


class SystemConnector:
    """TCP, with TLS by the authorities of certifi, or by those of `trusted` alone."""

    def __init__(self, trusted: ssl.SSLContext | None = None) -> None:
        self._trusted = trusted

    async def connect(self, address: Address, port: int, *, tls_name: str | None) -> Wire:
        context = (self._trusted or _tls()) if tls_name is not None else None
        _, wire = await asyncio.get_running_loop().create_connection(
            Wire, str(address), port, ssl=context, server_hostname=tls_name
        )
        return wire


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    context = own_authorities()
    context.set_alpn_protocols(["http/1.1"])
    return context
