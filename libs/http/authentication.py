"""Authentication by API key: the one middleware of all HTTP services."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import TypeAlias

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.core.api_key_headers import AmbiguousKey, api_key_from
from libs.core.errors import Retryable
from libs.core.security_events import SecurityEvent, SecurityReason
from libs.http.context import store_caller
from libs.ports.identity import Authenticator, Caller
from libs.runtime.process.authentication_guard import AuthenticationGuard, address_of


class KeyRejection(Enum):
    """The reason why a request has no caller."""

    AMBIGUOUS = "ambiguous"
    INVALID = "invalid"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class RejectedKey:
    """`detail` explains an ambiguous key; `retry_after_s` is set for a throttled one."""

    rejection: KeyRejection
    detail: str = ""
    retry_after_s: int = 0


RenderError: TypeAlias = Callable[[RejectedKey, Scope], Response]
RouteOf: TypeAlias = Callable[[Scope], str]


@dataclass(frozen=True, slots=True)
class Authentication:
    """The parts that differ between services. `route_of` names the route of a request in security events, and must
    contain no text that a client chose. `render_error` builds the response in the form of the service."""

    authenticator: Authenticator
    guard: AuthenticationGuard
    route_of: RouteOf
    render_error: RenderError


class AuthenticationMiddleware:
    """Rejects requests without a valid API key; stores the caller for `HttpContext`. Records every failure."""

    def __init__(self, app: ASGIApp, authentication: Authentication) -> None:
        self._app = app
        self._keys = authentication.authenticator
        self._guard = authentication.guard
        self._route_of = authentication.route_of
        self._render_error = authentication.render_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            known = self._authenticate(scope)
            if isinstance(known, RejectedKey):
                await self._render_error(known, scope)(scope, receive, send)
                return
            store_caller(scope, known)
        await self._app(scope, receive, send)

    def _authenticate(self, scope: Scope) -> Caller | RejectedKey:
        try:
            key = api_key_from(scope["headers"])
            caller = self._keys.authenticate(key)
        except AmbiguousKey as error:
            self._record(SecurityReason.KEY_AMBIGUOUS, scope)
            return RejectedKey(KeyRejection.AMBIGUOUS, str(error))
        except Retryable:
            self._record(SecurityReason.KEYS_UNAVAILABLE, scope)
            return RejectedKey(KeyRejection.UNAVAILABLE)
        if caller is not None:
            return caller
        wait_s = self._guard.record_failure(key, scope, self._route_of(scope))
        if wait_s:
            return RejectedKey(KeyRejection.THROTTLED, retry_after_s=ceil(wait_s))
        return RejectedKey(KeyRejection.INVALID)

    def _record(self, reason: SecurityReason, scope: Scope) -> None:
        self._guard.audit.record(SecurityEvent(reason, self._route_of(scope), address=address_of(scope)))
