"""Middleware for authentication and authorization."""

from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.core.api_key_headers import AmbiguousKey, api_key_from
from libs.core.errors import Retryable
from libs.http.metadata import metadata_of
from libs.ports.identity import Authenticator, Caller, GrantKind
from libs.runtime.process.authentication_guard import AuthenticationGuard
from services.gateway.api.security_events import record_refusal, route_of
from services.gateway.domain.errors import (
    RequestRefused,
    admins_only,
    ambiguous_key,
    invalid_key,
    keys_unavailable,
    not_granted,
    too_many_failures,
)
from services.gateway.http.responses import error_response


class ApiKeyMiddleware:
    """Rejects requests without a valid API key; stores the caller as `caller` in the scope. `guard` records
    failures."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator, guard: AuthenticationGuard) -> None:
        self._app = app
        self._keys = authenticator
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                scope["caller"] = self._caller(scope)
            except RequestRefused as refusal:
                await error_response(refusal.error, scope["path"])(scope, receive, send)
                return
            metadata_of(scope).step("auth")
        await self._app(scope, receive, send)

    def _caller(self, scope: Scope) -> Caller:
        try:
            key = api_key_from(scope["headers"])
            caller = self._keys.authenticate(key)
        except AmbiguousKey as error:
            refusal = ambiguous_key(str(error))
            record_refusal(self._guard.audit, scope, refusal.error)
            raise refusal from error
        except Retryable as error:
            record_refusal(self._guard.audit, scope, keys_unavailable().error)
            raise keys_unavailable() from error
        if caller is not None:
            return caller
        wait_s = self._guard.record_failure(key, scope, route_of(scope))
        raise too_many_failures(ceil(wait_s)) if wait_s else invalid_key()


class RequireAdmin:
    """Rejects callers that are no admins. Runs after ApiKeyMiddleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["caller"].admin:
            raise admins_only()
        await self._app(scope, receive, send)


class RequireGrant:
    """Rejects callers without one grant. Runs after ApiKeyMiddleware."""

    def __init__(self, app: ASGIApp, kind: GrantKind, resource: str) -> None:
        self._app = app
        self._kind: GrantKind = kind
        self._resource = resource

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["caller"].grants.allow(self._kind, self._resource):
            raise not_granted(self._kind, self._resource)
        await self._app(scope, receive, send)
