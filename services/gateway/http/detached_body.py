"""What is left of a request whose response has begun: it goes on when everything else that it needed is gone.

A stream lives a thousand times longer than reading its request takes. What holds its body, its parsed form and the
calls from the socket to the model would be most of what an open stream costs.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.http.header_fields import FIELDS

Asgi: TypeAlias = tuple[Scope, Receive, Send]
Continuation: TypeAlias = Callable[[Send], Awaitable[None]]

_REST = "rest"


def run_detached(scope: Scope, continuation: Continuation) -> None:
    """Have `rest` awaited, with what sends to the client, when the application has returned."""
    scope[_REST] = continuation


class DetachedBody:
    """The outermost application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        rest: Continuation | None = scope.pop(_REST, None)
        if rest is not None:
            del scope["marks"], scope["passage"]
            scope.pop(FIELDS, None)
            await rest(send)
