"""Response bodies that outlive their request."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.header_fields import FIELDS

Asgi: TypeAlias = tuple[Scope, Receive, Send]
Continuation: TypeAlias = Callable[[Send], Awaitable[None]]

_REST = "rest"


def run_detached(scope: Scope, continuation: Continuation) -> None:
    """Schedule `continuation`: it is awaited with the client's `send` once the application has returned."""
    scope[_REST] = continuation


class DetachedBody:
    """The outermost application.

    A stream lives a thousand times longer than the reading of its request. The request body, its parsed form and the
    call stack from socket to model would be most of the memory of an open stream, so they are released first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        rest: Continuation | None = scope.pop(_REST, None)
        if rest is not None:
            del scope["marks"], scope["passage"]
            scope.pop(FIELDS, None)
            await rest(send)
