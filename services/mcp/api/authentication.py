"""Reject requests without a valid API key, or from a foreign host name or origin."""

from dataclasses import dataclass
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.core.api_key_headers import AmbiguousKey, api_key_from
from libs.core.errors import Retryable
from libs.core.security_events import SecurityEvent, SecurityReason
from libs.ports.identity import Authenticator, Caller
from libs.runtime.process.authentication_guard import address_of
from services.mcp.api.hosts import KnownHosts
from services.mcp.api.request_limits import RequestLimits
from services.mcp.api.responses import error_response

_NO_KEY = "A valid API key is needed: send `Authorization: Bearer <key>`."
_SEVERAL_KEYS = "Send one API key, in one header."
_UNKNOWN = "Keys cannot be checked at the moment."
_OVER_RATE = "The requests a minute of this key are used up. Try again later."
_TOO_MANY_FAILURES = "Too many requests with an incorrect API key. Check the key, then try again."
_NOT_US = {421: "This server is not known by that name.", 403: "Pages of that origin may not call this server."}
_METHODS = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS"})
_REASONS = {421: SecurityReason.HOST_REJECTED, 403: SecurityReason.ORIGIN_REJECTED}
_TARGETS = frozenset({"/invoke", "/tools", "/mcp", "/mcp/sse", "/mcp/sse/messages"})


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    message: str
    retry_after_s: int = 0


class ApiKeyMiddleware:
    """Authenticates requests, reserves their rate, and stores the key's owner as `caller` in the scope.

    Paths that begin with one of `free` need no key: their links carry the permission.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        hosts: KnownHosts,
        free: tuple[str, ...] = (),
        limits: RequestLimits | None = None,
    ) -> None:
        self._app = app
        self._keys = authenticator
        self._hosts = hosts
        self._free = free
        self._limits = limits or RequestLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = scope["type"] == "http" and not scope["path"].startswith(self._free)
        refusal = await self._refusal_of(scope) if guarded else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        response = error_response(refusal.status, refusal.message)
        if refusal.retry_after_s:
            response.headers["retry-after"] = str(refusal.retry_after_s)
        await response(scope, receive, send)

    async def _refusal_of(self, scope: Scope) -> _Refusal | None:
        audit, target = self._limits.guard.audit, target_of(scope)
        if (status := self._hosts.refuses(scope["headers"])) is not None:
            audit.record(SecurityEvent(_REASONS[status], target, address=address_of(scope)))
            return _Refusal(status, _NOT_US[status])
        try:
            key = api_key_from(scope["headers"])
            caller = self._keys.authenticate(key)
        except AmbiguousKey:
            audit.record(SecurityEvent(SecurityReason.KEY_AMBIGUOUS, target, address=address_of(scope)))
            return _Refusal(400, _SEVERAL_KEYS)
        except Retryable:
            audit.record(SecurityEvent(SecurityReason.KEYS_UNAVAILABLE, target, address=address_of(scope)))
            return _Refusal(503, _UNKNOWN)
        if caller is None:
            wait_s = self._limits.guard.record_failure(key, scope, target)
            return _Refusal(429, _TOO_MANY_FAILURES, ceil(wait_s)) if wait_s else _Refusal(401, _NO_KEY)
        scope["caller"] = caller
        wait_s = await self._limits.reserve(caller, scope, target)
        return _Refusal(429, _OVER_RATE, wait_s) if wait_s else None


def target_of(scope: Scope) -> str:
    """The route of a request; client-chosen text in other paths or methods never enters a record."""
    path, method = scope["path"], scope["method"]
    known = path if path in _TARGETS else "/tools/{name}/toggle" if path.startswith("/tools/") else ""
    return f"{method} {known}" if known and method in _METHODS else "other"


def caller_in(scope: Scope) -> Caller:
    """The authenticated caller of a request that passed the middleware."""
    caller = scope["caller"]
    assert isinstance(caller, Caller)
    return caller
