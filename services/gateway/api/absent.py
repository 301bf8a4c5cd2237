"""Routes of features that are not installed: they return an error, never an empty result."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.domain.errors import ApiError, RequestRefused

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]

GRAPH = ApiError(503, "graph_unavailable", "There is no knowledge graph in this installation.", final=True)
COMPACT = ApiError(404, "unsupported_url", "Compacting is not supported: send a shorter `input`.", final=True)
INPUT_ITEMS = ApiError(404, "unsupported_url", "Input items are not listed: keep what you sent.", final=True)
LEARNING = ApiError(503, "learning_unavailable", "Nothing is learned from plans in this installation.", final=True)


def absent(error: ApiError) -> Answer:
    async def answer(_: Request) -> Response:
        raise RequestRefused(error)

    return answer
