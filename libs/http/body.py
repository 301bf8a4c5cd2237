"""Request bodies, bounded in size and time before they are parsed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from libs.core.errors import Rejected


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Maximum size in bytes, and maximum seconds to arrive."""

    size: int
    timeout_s: float


class BodyTooLarge(Rejected):
    """The body exceeds its maximum size."""


class BodyTooSlow(Rejected):
    """The body did not arrive in time."""


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
                    raise BodyTooLarge(f"the body exceeds {limits.size} bytes")
                reserve(len(part))
                body += part
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError as error:
        raise BodyTooSlow(f"the body did not arrive within {limits.timeout_s} s") from error
    raise ClientDisconnect
