"""Accepted requests of the tool server: from a known host, with a valid API key, within the rate of the key."""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.core.security_events import SecurityEvent, SecurityReason
from libs.http.authentication import Authentication, AuthenticationMiddleware, KeyRejection, RejectedKey
from libs.http.context import caller_in
from libs.ports.identity import Authenticator
from libs.runtime.process.authentication_guard import address_of
from libs.runtime.process.security_audit import SecurityAudit
from services.mcp.api.hosts import KnownHosts
from services.mcp.api.request_limits import RequestLimits
from services.mcp.api.responses import error_response

_KEY_ERRORS = {
    KeyRejection.AMBIGUOUS: (400, "Send one API key, in one header."),
    KeyRejection.INVALID: (401, "A valid API key is needed: send `Authorization: Bearer <key>`."),
    KeyRejection.THROTTLED: (429, "Too many requests with an incorrect API key. Check the key, then try again."),
    KeyRejection.UNAVAILABLE: (503, "Keys cannot be checked at the moment."),
}
_OVER_RATE = "The requests a minute of this key are used up. Try again later."
_NOT_US = {421: "This server is not known by that name.", 403: "Pages of that origin may not call this server."}
_METHODS = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS"})
_REASONS = {421: SecurityReason.HOST_REJECTED, 403: SecurityReason.ORIGIN_REJECTED}
_TARGETS = frozenset({"/invoke", "/tools", "/mcp", "/mcp/sse", "/mcp/sse/messages"})


class AuthenticatedApp:
    """Passes requests to `app` after the checks of host, key and rate, in this order.

    Paths that begin with one of `free` are not checked: their links carry the permission.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        hosts: KnownHosts,
        free: tuple[str, ...] = (),
        limits: RequestLimits | None = None,
    ) -> None:
        limits = limits or RequestLimits()
        authentication = Authentication(authenticator, limits.guard, target_of, _key_error)
        limited = AuthenticationMiddleware(_RateLimit(app, limits), authentication)
        self._app = app
        self._free = free
        self._checked = _HostCheck(limited, hosts, limits.guard.audit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        checked = scope["type"] == "http" and not scope["path"].startswith(self._free)
        await (self._checked if checked else self._app)(scope, receive, send)


class _HostCheck:
    """Rejects requests to a foreign host name, or from a foreign origin."""

    def __init__(self, app: ASGIApp, hosts: KnownHosts, audit: SecurityAudit) -> None:
        self._app = app
        self._hosts = hosts
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (status := self._hosts.refuses(scope["headers"])) is None:
            await self._app(scope, receive, send)
            return
        self._audit.record(SecurityEvent(_REASONS[status], target_of(scope), address=address_of(scope)))
        await error_response(status, _NOT_US[status])(scope, receive, send)


class _RateLimit:
    """Reserves one request of the key's rate. Runs after AuthenticationMiddleware."""

    def __init__(self, app: ASGIApp, limits: RequestLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if wait_s := await self._limits.reserve(caller_in(scope), scope, target_of(scope)):
            await _retry_later(429, _OVER_RATE, wait_s)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _key_error(rejected: RejectedKey, _: Scope) -> Response:
    return _retry_later(*_KEY_ERRORS[rejected.rejection], rejected.retry_after_s)


def _retry_later(status: int, message: str, seconds: int) -> Response:
    """Without `seconds`, the status decides about the header."""
    response = error_response(status, message)
    if seconds:
        response.headers["retry-after"] = str(seconds)
    return response


def target_of(scope: Scope) -> str:
    """The route of a request; client-chosen text in other paths or methods never enters a record."""
    path, method = scope["path"], scope["method"]
    known = path if path in _TARGETS else "/tools/{name}/toggle" if path.startswith("/tools/") else ""
    return f"{method} {known}" if known and method in _METHODS else "other"
