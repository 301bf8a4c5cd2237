"""Small request bodies, read and validated."""

from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from libs.http.body import BodyLimits, read_json_body
from services.gateway.domain.body.json import BodyMemoryLimit, checked, json_object, read_json
from services.gateway.domain.question.identity import client_users

MAX_BYTES = 64 * 1024

_NO_LIMIT = BodyMemoryLimit(0)  # few bodies are large enough to reserve memory

B = TypeVar("B", bound=BaseModel)


async def posted(request: Request, kind: type[B], timeout_s: float) -> B:
    """Read a small body. Raises BodyRejected, RequestRefused (400), ClientDisconnect."""
    body, _ = await posted_with_users(request, kind, BodyLimits(MAX_BYTES, timeout_s), _NO_LIMIT)
    return body


async def posted_with_users(
    request: Request, kind: type[B], limits: BodyLimits, memory: BodyMemoryLimit = _NO_LIMIT
) -> tuple[B, tuple[str, ...]]:
    """Read a body within a memory limit, and the users that the client names: data subjects of what is recorded.

    Raises as `posted` does, and RequestRefused (503) when memory is exhausted.
    """
    with memory.share() as share:
        value = json_object(read_json(await read_json_body(request.headers, request.receive, limits, share.grow)))
        return checked(kind, value), client_users(value, request.headers)
