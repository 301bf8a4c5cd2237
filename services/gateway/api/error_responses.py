"""Errors as responses in the dialect of the path, also those of routes that the framework does not serve."""

import asyncio

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.context import metadata_in
from services.gateway.api.security_events import RefusalRecorder
from services.gateway.dialects.by_path import dialect_at
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.http.responses import refusal


class ErrorResponses:
    """Responds with the errors of `app` and records them, as the framework's handlers do for its routes."""

    def __init__(self, app: ASGIApp, refusals: RefusalRecorder) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except RequestRefused as refused:
            if metadata_in(scope).begun:
                raise
            self._refusals.record(scope, refused.error)
            await error_response(refused.error, scope["path"])(scope, receive, send)
        except asyncio.CancelledError:
            raise
        except BaseException:
            self._refusals.record(scope, internal_error())
            if not metadata_in(scope).begun:
                await error_response(internal_error(), scope["path"])(scope, receive, send)
            raise  # the server logs it


def internal_error() -> ApiError:
    """The error of a bug, without its traceback."""
    return ApiError(500, "internal_error", "Internal error of the gateway.")


def error_response(error: ApiError, path: str) -> Response:
    """Build an error in the dialect of the path."""
    return refusal(error, dialect_at(path))
