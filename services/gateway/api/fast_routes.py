"""Fast routing of the routes that answer: the framework's work for a path with parameters costs as much as the rest of
the gateway."""

import asyncio
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.metadata import metadata_of
from services.gateway.api.authentication import ApiKeyMiddleware
from services.gateway.api.security_events import record_refusal
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.http.responses import error_response
from services.gateway.pipeline.app_context import AppContext

FastRoute = tuple[str, str, ASGIApp]


class FastRoutes:
    """Dispatches exact paths, with the authentication and the error responses of `app`; passes all others to `app`."""

    def __init__(self, app: ASGIApp, front: AppContext, routes: Sequence[FastRoute]) -> None:
        self._app = app
        self._audit = front.guard.audit
        self._routes = {
            (method, path): ApiKeyMiddleware(served, front.authenticator, front.guard)
            for method, path, served in routes
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        served = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if served is None:
            await self._app(scope, receive, send)
            return
        try:
            await served(scope, receive, send)
        except RequestRefused as refusal:
            if metadata_of(scope).begun:
                raise
            record_refusal(self._audit, scope, refusal.error)
            await error_response(refusal.error, scope["path"])(scope, receive, send)
        except asyncio.CancelledError:
            raise
        except BaseException:
            record_refusal(self._audit, scope, internal_error())
            if not metadata_of(scope).begun:
                await error_response(internal_error(), scope["path"])(scope, receive, send)
            raise  # the server logs it


def internal_error() -> ApiError:
    """The error of a bug, without its traceback."""
    return ApiError(500, "internal_error", "Internal error of the gateway.")
