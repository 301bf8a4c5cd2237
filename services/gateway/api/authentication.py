"""Authentication and authorization of the gateway's routes."""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.authentication import Authentication, KeyRejection, RejectedKey
from libs.http.context import caller_in
from libs.ports.identity import GrantKind
from services.gateway.api.error_responses import error_response
from services.gateway.api.security_events import RefusalRecorder
from services.gateway.domain.errors import (
    RequestRefused,
    admins_only,
    ambiguous_key,
    invalid_key,
    keys_unavailable,
    not_granted,
    too_many_failures,
)
from services.gateway.pipeline.app_context import AppContext


def authentication_of(context: AppContext, refusals: RefusalRecorder) -> Authentication:
    """Authentication with errors in the dialect of the path."""
    return Authentication(context.authenticator, context.guard, refusals.route_of, _rejection_response)


def _rejection_response(rejected: RejectedKey, scope: Scope) -> Response:
    return error_response(_refusal_of(rejected).error, scope["path"])


def _refusal_of(rejected: RejectedKey) -> RequestRefused:
    match rejected.rejection:
        case KeyRejection.AMBIGUOUS:
            return ambiguous_key(rejected.detail)
        case KeyRejection.UNAVAILABLE:
            return keys_unavailable()
        case KeyRejection.THROTTLED:
            return too_many_failures(rejected.retry_after_s)
        case KeyRejection.INVALID:
            return invalid_key()


class RequireAdmin:
    """Rejects callers that are no admins. Runs after AuthenticationMiddleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not caller_in(scope).admin:
            raise admins_only()
        await self._app(scope, receive, send)


class RequireGrant:
    """Rejects callers without one grant. Runs after AuthenticationMiddleware."""

    def __init__(self, app: ASGIApp, kind: GrantKind, resource: str) -> None:
        self._app = app
        self._kind: GrantKind = kind
        self._resource = resource

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not caller_in(scope).grants.allow(self._kind, self._resource):
            raise not_granted(self._kind, self._resource)
        await self._app(scope, receive, send)
