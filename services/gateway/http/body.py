"""Reading a request body: bounded in size, time and kind."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from services.gateway.domain.errors import body_too_slow, not_json, too_large


async def read_body(headers: Headers, receive: Receive, limit_bytes: int, timeout_s: float) -> bytes:
    """Return the body. Raises RequestRefused (408, 413, 415), ClientDisconnect when the client left."""
    _check_kind(headers)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise too_large(limit_bytes)
    try:
        async with asyncio.timeout(timeout_s):
            return await _collect(receive, limit_bytes)
    except TimeoutError as error:
        raise body_too_slow() from error


def _check_kind(headers: Headers) -> None:
    content_type = headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or (media_type.startswith("application/") and media_type[-5:] == "+json")
    encoding = headers.get("content-encoding", "identity").lower()
    if not is_json or encoding != "identity":
        raise not_json(content_type if encoding == "identity" else encoding)


async def _collect(receive: Receive, limit_bytes: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit_bytes:
            raise too_large(limit_bytes)
        if not message.get("more_body", False):
            return bytes(body)
