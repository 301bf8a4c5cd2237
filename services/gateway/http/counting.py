"""POST /v1/messages/count_tokens."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.domain.body_room import BodyRoom
from services.gateway.domain.dialects.messages.count import count_body, count_length
from services.gateway.domain.json_body import read_json
from services.gateway.http.answers import json_response
from services.gateway.http.body import BodyLimits, read_body
from services.gateway.http.front import Front

LARGE_BYTES = 16 * 1024  # counting looks at every word
MOST_COUNTED_BYTES = 1_000_000  # from here on the length has to do: parsing and counting take seconds


class Counting:
    """The endpoint, around one front."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._limits = BodyLimits(front.rules.body_bytes, front.rules.body_timeout_s)
        self._room = BodyRoom(front.rules.body_room_bytes)

    async def count(self, request: Request) -> Response:
        """Answer with about how many tokens a request has. No model is called."""
        with self._room.share() as share:
            body = await read_body(request.headers, request.receive, self._limits, share)
            if len(body) <= LARGE_BYTES:
                return _counted(body)
            async with self._front.permits.counts.turn(request.scope["caller"].tenant):
                return await asyncio.to_thread(_counted, body)


def _counted(body: bytes) -> Response:
    counted = count_length(body) if len(body) > MOST_COUNTED_BYTES else count_body(read_json(body))
    return json_response(counted)
