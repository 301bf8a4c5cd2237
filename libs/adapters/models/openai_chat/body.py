"""Reads replies that are one body: unstreamed answers, error objects, web pages."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from libs.adapters.models.openai_chat.call import Call
from libs.adapters.models.openai_chat.http_client import TRANSPORT_ERRORS, reason

MAX_BODY_BYTES = 16 << 20


async def bounded_body(call: Call, chunks: AsyncIterator[bytes], limit: int = MAX_BODY_BYTES) -> bytes:
    """Read the body; stop after more than `limit` bytes. Raises ModelUnavailable."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout_at(call.deadline):
            while size <= limit and (part := await anext(chunks, b"")):
                parts.append(part)
                size += len(part)
    except TimeoutError as error:
        raise call.silent() from error
    except TRANSPORT_ERRORS as error:
        raise call.cut(reason(error), began=False) from error
    return b"".join(parts)


def is_web_page(response: aiohttp.ClientResponse) -> bool:
    """An HTML page means that another service answers at that address."""
    return _media_type(response) == "text/html"


def is_whole(response: aiohttp.ClientResponse) -> bool:
    """True if the answer is one JSON object, although the request asked for a stream."""
    return _media_type(response) == "application/json"


def _media_type(response: aiohttp.ClientResponse) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()
