"""An HTTP client for tests with hundreds of concurrent requests: the interface of httpx, sockets of aiohttp."""

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from libs.adapters.models.openai_chat import ClientLimits

CROWD_ERRORS = (httpx.HTTPError, aiohttp.ClientError, OSError)  # possible errors of a request when its server stops


def crowd_client(limits: ClientLimits | None = None) -> httpx.AsyncClient:
    """Plain httpx fails at hundreds of concurrent requests."""
    limits = limits or ClientLimits()

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=limits.max_connections, keepalive_timeout=limits.keepalive_s)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return httpx.AsyncClient(
        transport=AiohttpTransport(client=session),
        timeout=httpx.Timeout(None, connect=limits.connect_timeout_s),
        trust_env=False,
    )
