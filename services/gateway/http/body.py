"""Reading of request bodies, bounded in size, time and media type."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from services.gateway.domain.body.memory_limit import BodyShare
from services.gateway.domain.errors import body_too_slow, not_json, too_large


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Maximum size in bytes, and maximum seconds to arrive."""

    size: int
    timeout_s: float


async def read_body(headers: Mapping[str, str], receive: Receive, limits: BodyLimits, share: BodyShare) -> bytes:
    """Read the body. Raises RequestRefused (408, 413, 415, 503), or ClientDisconnect when the client disconnects."""
    _check_kind(headers)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.size:
        raise too_large(limits.size)
    try:
        async with asyncio.timeout(limits.timeout_s):
            return await _collect(receive, limits.size, share)
    except TimeoutError as error:
        raise body_too_slow() from error


def _check_kind(headers: Mapping[str, str]) -> None:
    content_type = headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or (media_type.startswith("application/") and media_type[-5:] == "+json")
    encoding = headers.get("content-encoding", "identity").lower()
    if not is_json or encoding != "identity":
        raise not_json(content_type if encoding == "identity" else encoding)


async def _collect(receive: Receive, limit_bytes: int, share: BodyShare) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece = message.get("body", b"")
        if len(body) + len(piece) > limit_bytes:
            raise too_large(limit_bytes)
        share.grow(len(piece))
        body += piece
        if not message.get("more_body", False):
            return bytes(body)
