"""The HTTP client under the model calls: httpx for the interface, aiohttp for the sockets."""

from dataclasses import dataclass

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Bounds of one process. `keepalive_s` stays below the 5 s after which uvicorn and llama.cpp close idle sockets."""

    connect_timeout_s: float = 5.0
    max_connections: int = 512
    keepalive_s: float = 4.0


def model_http_client(limits: ClientLimits | None = None) -> httpx.AsyncClient:
    """Return a client for all model servers of a process; the caller closes it, in the loop that used it.

    Proxies and netrc of the environment are not used. aiohttp sets TCP_NODELAY. Each call bounds its own reads.
    """
    limits = limits or ClientLimits()
    ssl_context = httpx.create_ssl_context()

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=limits.max_connections, keepalive_timeout=limits.keepalive_s, ssl=ssl_context
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return httpx.AsyncClient(
        transport=AiohttpTransport(verify=ssl_context, client=session),
        timeout=httpx.Timeout(None, connect=limits.connect_timeout_s),
        headers={"accept-encoding": "identity", "user-agent": "sovereign-fleet"},
        trust_env=False,
    )


TRANSPORT_ERRORS = (httpx.HTTPError, aiohttp.ClientError, OSError)


def reason(error: BaseException) -> str:
    """Return in a few words why a connection failed: the system's text where there is one, else the kind of error."""
    cause = error.__cause__ or error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__
