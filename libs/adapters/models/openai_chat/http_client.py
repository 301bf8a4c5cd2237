"""HTTP client of the model calls: aiohttp, at half the cost of httpx over aiohttp."""

from dataclasses import dataclass

import aiohttp

from libs.adapters.web.authorities import public_authorities


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Limits of one process.

    `keepalive_s` stays below the 5 s after which uvicorn and llama.cpp close idle sockets.
    """

    connect_timeout_s: float = 5.0
    max_connections: int = 512
    keepalive_s: float = 4.0


def model_http_client(limits: ClientLimits | None = None) -> aiohttp.ClientSession:
    """Open one client for all model servers of a process; open and close it in the loop that uses it.

    Ignores proxies and netrc of the environment. aiohttp sets TCP_NODELAY. Each call bounds its own reads.
    """
    limits = limits or ClientLimits()
    connector = aiohttp.TCPConnector(
        limit=limits.max_connections,
        keepalive_timeout=limits.keepalive_s,
        ssl=public_authorities(),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_timeout_s),
        headers={"accept-encoding": "identity", "user-agent": "sovereign-fleet"},
    )


TRANSPORT_ERRORS = (aiohttp.ClientError, OSError)
_PART_BYTES = 1 << 16


class ReplyTooLong(aiohttp.ClientError):
    """The reply exceeds its limit; the rest is not read."""


async def whole_reply(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read the whole body; close the connection and raise ReplyTooLong above `limit` bytes."""
    reply = bytearray()
    async for part in response.content.iter_chunked(_PART_BYTES):
        reply += part
        if len(reply) > limit:
            response.close()
            raise ReplyTooLong(f"more than {limit} bytes")
    return bytes(reply)


def reason(error: BaseException) -> str:
    """Short cause of a failed call: the text of the system or of ReplyTooLong, otherwise the error type."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, ReplyTooLong):
        return str(error)
    return type(error).__name__
