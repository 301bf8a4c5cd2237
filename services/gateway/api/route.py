"""One route as data."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from libs.ports.identity import GrantKind
from services.gateway.pipeline.app_context import AppContext

SSE, NDJSON, HTML = "text/event-stream", "application/x-ndjson", "text/html"
ALWAYS = (401, 500, 503)  # errors of every route
Answer: TypeAlias = Callable[[Request], Awaitable[Response]]
Serve: TypeAlias = Callable[[AppContext], ASGIApp | Answer]


class Access(Enum):
    """The kind of key that a route requires."""

    KEY = "key"
    ADMIN = "admin"


class Quota(Enum):
    """The reservation before the handler of a request, after authentication and permission checks.

    REQUEST: one request of the key's rate, then a permit that tenants share fairly. HANDLER: the handler reserves by
    itself, as tokens, streams or budgets depend on the request. NONE: answered from memory, causes no work.
    """

    REQUEST = "request"
    HANDLER = "handler"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query or header parameter. `values`: the permitted values, empty for any text."""

    name: str
    place: str
    about: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """`summary` is one line; `answer` names a shape; `streams` are the media types of its streamed form. `errors` are
    added to those of every route; `error` is their shape. `answers`: the route answers a question, so it sends response
    ids."""

    summary: str
    answer: str
    status: int = 200
    body: type[BaseModel] | None = None
    streams: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    error: str = "Error"
    parameters: tuple[Parameter, ...] = ()
    answers: bool = False
    media: str = "application/json"

    @property
    def opens(self) -> bool:
        """True for a route that opens a response, which can be shown, cancelled and rated."""
        return self.answers and self.body is not None and bool(self.streams)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route. `serve` builds its handler; `operation` documents it.

    `quota` defaults to REQUEST, so that a new route cannot forget it. `grant` is required of the caller; None where it
    depends on the request.
    """

    method: str
    path: str
    serve: Serve
    operation: Operation
    access: Access = Access.KEY
    quota: Quota = Quota.REQUEST
    grant: tuple[GrantKind, str] | None = None
