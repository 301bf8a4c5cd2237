"""A client for tests that ask hundreds of things at once: httpx for the interface, aiohttp for the sockets."""

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from libs.adapters.models.openai_chat import ClientLimits

CROWD_ERRORS = (httpx.HTTPError, aiohttp.ClientError, OSError)  # what becomes of a request whose server goes away


def crowd_client(limits: ClientLimits | None = None) -> httpx.AsyncClient:
    """Return the client; plain httpx chokes on hundreds at once."""
    limits = limits or ClientLimits()

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=limits.max_connections, keepalive_timeout=limits.keepalive_s)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return httpx.AsyncClient(
        transport=AiohttpTransport(client=session),
        timeout=httpx.Timeout(None, connect=limits.connect_timeout_s),
        trust_env=False,
    )
