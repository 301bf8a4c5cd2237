"""One route as data."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from services.gateway.http.front import Front
from services.gateway.openapi.operations import Operation

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]
Serve: TypeAlias = Callable[[Front], ASGIApp | Answer]


class Access(Enum):
    """Whose key a route needs."""

    KEY = "key"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route. `serve` makes what answers it, `told` is what its documentation tells."""

    method: str
    path: str
    serve: Serve
    told: Operation
    access: Access = Access.KEY
