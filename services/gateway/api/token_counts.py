"""Token counts before a request: POST /v1/messages/count_tokens and POST /v1/responses/input_tokens."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import BodyLimits, read_json_body
from libs.http.context import caller_in
from libs.http.responses import json_response
from services.gateway.dialects.messages.count import count_body, count_length
from services.gateway.dialects.responses.count import count_body as count_input
from services.gateway.dialects.responses.count import count_length as count_input_length
from services.gateway.domain.body.json import BodyMemoryLimit, read_json
from services.gateway.pipeline.app_context import AppContext

LARGE_BYTES = 16 * 1024  # counting reads every word
MOST_COUNTED_BYTES = 1_000_000  # beyond this, estimated from the length: parsing and counting take seconds
Count: TypeAlias = Callable[[bytes], Response]


class Counting:
    """The endpoints. They call no model."""

    def __init__(self, front: AppContext) -> None:
        self._front = front
        self._limits = BodyLimits(front.limits.body_bytes, front.limits.body_timeout_s)
        self._body_memory = BodyMemoryLimit(front.limits.body_memory_bytes)

    async def count(self, request: Request) -> Response:
        """Estimated tokens of a Messages request."""
        return await self._answer(request, _counted)

    async def input_tokens(self, request: Request) -> Response:
        """Estimated tokens of a Responses request."""
        return await self._answer(request, _counted_input)

    async def _answer(self, request: Request, count: Count) -> Response:
        with self._body_memory.share() as share:
            body = await read_json_body(request.headers, request.receive, self._limits, share.grow)
            if len(body) <= LARGE_BYTES:
                return count(body)
            async with self._front.permits.counts.permit(caller_in(request.scope).tenant):
                return await asyncio.to_thread(count, body)


def _counted(body: bytes) -> Response:
    counted = count_length(body) if len(body) > MOST_COUNTED_BYTES else count_body(read_json(body))
    return json_response(counted)


def _counted_input(body: bytes) -> Response:
    counted = count_input_length(body) if len(body) > MOST_COUNTED_BYTES else count_input(read_json(body))
    return json_response(counted)
