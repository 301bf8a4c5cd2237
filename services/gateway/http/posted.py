"""Reading the small bodies of what is no question."""

from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from services.gateway.domain.body_room import BodyRoom
from services.gateway.domain.checked_body import checked
from services.gateway.domain.json_body import json_object, read_json
from services.gateway.http.body import BodyLimits, read_body

MAX_BYTES = 64 * 1024
_ROOM = BodyRoom(0)  # none of them is large enough to need any
B = TypeVar("B", bound=BaseModel)


async def posted(request: Request, kind: type[B], timeout_s: float) -> B:
    """Return the body. Raises RequestRefused (400, 408, 413, 415), ClientDisconnect when the client left."""
    with _ROOM.share() as share:
        body = await read_body(request.headers, request.receive, BodyLimits(MAX_BYTES, timeout_s), share)
    return checked(kind, json_object(read_json(body)))
