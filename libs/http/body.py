"""Request bodies, bounded in size, time and media type before they are parsed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from libs.core.errors import Rejected


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Maximum size in bytes, and maximum seconds to arrive."""

    size: int
    timeout_s: float


class BodyRejected(Rejected):
    """The body is not read, or not to its end."""


class BodyTooLarge(BodyRejected):
    """The body exceeds `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body exceeds {limit} bytes")
        self.limit = limit


class BodyTooSlow(BodyRejected):
    """The body did not arrive in time."""


class BodyNotJson(BodyRejected):
    """`kind` is the media type of the body, or its content encoding. A client chose it."""

    def __init__(self, kind: str) -> None:
        super().__init__("the body is not JSON")
        self.kind = kind


def unbounded(_: int) -> None:
    """Reserve no memory: the size limit of the body is enough."""


async def collect_body(receive: Receive, limits: BodyLimits, reserve: Callable[[int], None] = unbounded) -> bytes:
    """Read the body; `reserve` gets the size of each part before the part is kept.

    Raises BodyTooLarge, BodyTooSlow, ClientDisconnect, and the errors of `reserve`.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(limits.timeout_s):
            while (message := await receive())["type"] != "http.disconnect":
                part = message.get("body", b"")
                if len(body) + len(part) > limits.size:
                    raise BodyTooLarge(limits.size)
                reserve(len(part))
                body += part
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError as error:
        raise BodyTooSlow(f"the body did not arrive within {limits.timeout_s} s") from error
    raise ClientDisconnect


async def read_json_body(
    headers: Mapping[str, str], receive: Receive, limits: BodyLimits, reserve: Callable[[int], None] = unbounded
) -> bytes:
    """Read a body that is announced as JSON; `headers` have lower-case names, or ignore case.

    Raises as `collect_body` does, and BodyNotJson.
    """
    _check_kind(headers)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.size:
        raise BodyTooLarge(limits.size)
    return await collect_body(receive, limits, reserve)


def _check_kind(headers: Mapping[str, str]) -> None:
    content_type = headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or (media_type.startswith("application/") and media_type[-5:] == "+json")
    encoding = headers.get("content-encoding", "identity").lower()
    if not is_json or encoding != "identity":
        raise BodyNotJson(content_type if encoding == "identity" else encoding)
