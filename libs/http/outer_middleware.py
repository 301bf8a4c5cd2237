"""The applications outside the framework: they see the head of every response, outlive the request, route past the
framework, and respond to errors of such routes."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.http.context import detach, metadata_in, store_metadata
from libs.http.metadata import RawHeaders, ResponseMetadata


class DetachedBody:
    """The outermost application: runs the continuation of a response after its request.

    A stream lives a thousand times longer than the reading of its request. The request body, its parsed form and the
    call stack from socket to model would be most of the memory of an open stream, so they are released first. From
    then on, the stream holds `send` and its continuation, never an HttpContext.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        continuation = detach(scope)
        if continuation is not None:
            await continuation(send)


class ResponseMetadataMiddleware:
    """Adds metadata and ids to every response, errors included.

    A response of the fleet or of a model is named as `x-request-id` by its sender, where the SDKs of both families look
    for it. Every other response gets a new id there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        metadata = ResponseMetadata()
        store_metadata(scope, metadata)

        def send_with_metadata(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                metadata.begun = True
                _add_headers(message["headers"], metadata)
            return send(message)

        await self._app(scope, receive, send_with_metadata)


class FastRoutes:
    """Dispatches methods with exact paths to `routes`, all others to `app`: the framework's work for a path with
    parameters costs as much as the rest of the gateway. Routes bring their own authentication and error responses."""

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app = app
        self._routes = dict(routes)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Not a coroutine: each frame of a stream would have to wake one more."""
        routed = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        return (routed or self._app)(scope, receive, send)


class ErrorResponses:
    """Responds to the errors of `app` by `respond`, as the framework's handlers do for its routes. An error that is not
    one of `rejections` is a bug: it is raised again, and the server logs it."""

    def __init__(
        self,
        app: ASGIApp,
        rejections: tuple[type[Exception], ...],
        respond: Callable[[Scope, BaseException], Response],
    ) -> None:
        self._app = app
        self._rejections = rejections
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except self._rejections as rejected:
            if metadata_in(scope).begun:
                raise
            await self._respond(scope, rejected)(scope, receive, send)
        except asyncio.CancelledError:
            raise
        except BaseException as bug:
            response = self._respond(scope, bug)  # also where none can be sent: it records the error
            if not metadata_in(scope).begun:
                await response(scope, receive, send)
            raise


def _add_headers(headers: RawHeaders, metadata: ResponseMetadata) -> None:
    named = dict(headers).get(b"x-request-id")
    if named is not None:
        headers.append((b"x-moe-response-id", named))
    else:
        own = f"req_{secrets.token_hex(12)}".encode()
        headers += [(b"x-request-id", own), (b"request-id", own)]
    headers += metadata.headers()
