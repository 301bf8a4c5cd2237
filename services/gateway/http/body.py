"""Reading of request bodies, bounded in size, time, memory and media type."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.types import Receive

from libs.http.body import BodyLimits, BodyTooLarge, BodyTooSlow, collect_body
from services.gateway.domain.body.json import BodyMemoryLimit, BodyShare, checked, json_object, read_json
from services.gateway.domain.errors import body_too_slow, not_json, too_large
from services.gateway.domain.question.identity import client_users


async def read_body(headers: Mapping[str, str], receive: Receive, limits: BodyLimits, share: BodyShare) -> bytes:
    """Read the body. Raises RequestRefused (408, 413, 415, 503), or ClientDisconnect when the client disconnects."""
    _check_kind(headers)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.size:
        raise too_large(limits.size)
    try:
        return await collect_body(receive, limits, share.grow)
    except BodyTooLarge as error:
        raise too_large(limits.size) from error
    except BodyTooSlow as error:
        raise body_too_slow() from error


def _check_kind(headers: Mapping[str, str]) -> None:
    content_type = headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or (media_type.startswith("application/") and media_type[-5:] == "+json")
    encoding = headers.get("content-encoding", "identity").lower()
    if not is_json or encoding != "identity":
        raise not_json(content_type if encoding == "identity" else encoding)


MAX_BYTES = 64 * 1024

_NO_LIMIT = BodyMemoryLimit(0)  # few bodies are large enough to reserve memory

B = TypeVar("B", bound=BaseModel)


async def posted(request: Request, kind: type[B], timeout_s: float) -> B:
    """Read a small body. Raises RequestRefused (400, 408, 413, 415), or ClientDisconnect."""
    body, _ = await posted_with_users(request, kind, BodyLimits(MAX_BYTES, timeout_s), _NO_LIMIT)
    return body


async def posted_with_users(
    request: Request, kind: type[B], limits: BodyLimits, memory: BodyMemoryLimit = _NO_LIMIT
) -> tuple[B, tuple[str, ...]]:
    """Read a body within a memory limit, and the users that the client names: data subjects of what is recorded.

    Raises as `posted` does, and RequestRefused (503) when memory is exhausted.
    """
    with memory.share() as share:
        value = json_object(read_json(await read_body(request.headers, request.receive, limits, share)))
        return checked(kind, value), client_users(value, request.headers)
