"""The HTTP client under the model calls: aiohttp, which costs half of what httpx over aiohttp did."""

from dataclasses import dataclass

import aiohttp

from libs.adapters.web.authorities import public_authorities


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Bounds of one process. `keepalive_s` stays below the 5 s after which uvicorn and llama.cpp close idle sockets."""

    connect_timeout_s: float = 5.0
    max_connections: int = 512
    keepalive_s: float = 4.0


def model_http_client(limits: ClientLimits | None = None) -> aiohttp.ClientSession:
    """Return a client for all model servers of a process; made and closed in the loop that uses it.

    Proxies and netrc of the environment are not used. aiohttp sets TCP_NODELAY. Each call bounds its own reads.
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
    """A reply is longer than its limit; the rest is not read."""


async def whole_reply(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the body of a reply, which is closed at its end. Raises ReplyTooLong above `limit` bytes."""
    reply = bytearray()
    async for part in response.content.iter_chunked(_PART_BYTES):
        reply += part
        if len(reply) > limit:
            response.close()
            raise ReplyTooLong(f"more than {limit} bytes")
    return bytes(reply)


def reason(error: BaseException) -> str:
    """Return in a few words why a call failed: the system's text or ours where there is one, else the kind of error."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, ReplyTooLong):
        return str(error)
    return type(error).__name__
