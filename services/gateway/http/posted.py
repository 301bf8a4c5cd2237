"""Reading of JSON bodies other than inference requests."""

from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from libs.http.body import BodyLimits
from services.gateway.domain.body.checked import checked
from services.gateway.domain.body.json import json_object, read_json
from services.gateway.domain.body.memory_limit import BodyMemoryLimit
from services.gateway.http.body import read_body

MAX_BYTES = 64 * 1024
_NO_LIMIT = BodyMemoryLimit(0)  # few bodies are large enough to reserve memory
B = TypeVar("B", bound=BaseModel)


async def posted(request: Request, kind: type[B], timeout_s: float) -> B:
    """Read a small body. Raises RequestRefused (400, 408, 413, 415), or ClientDisconnect."""
    return await posted_within(request, kind, BodyLimits(MAX_BYTES, timeout_s), _NO_LIMIT)


async def posted_within(request: Request, kind: type[B], limits: BodyLimits, memory: BodyMemoryLimit) -> B:
    """Read a body within a memory limit. Raises as `posted` does, and RequestRefused (503) when memory is exhausted."""
    with memory.share() as share:
        body = await read_body(request.headers, request.receive, limits, share)
        return checked(kind, json_object(read_json(body)))
