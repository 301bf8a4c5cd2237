"""Rejections as security events: caller, reason and route. They contain nothing of a body, a header or a path."""

from collections.abc import Iterable, Mapping

from starlette.types import Scope

from libs.core.security_events import SecurityEvent, SecurityReason
from libs.http.context import known_caller
from libs.runtime.process.authentication_guard import address_of
from libs.runtime.process.security_audit import SecurityAudit
from services.gateway.api.route import Endpoint
from services.gateway.domain.errors import ApiError, admins_only, keys_unavailable

OTHER = "other"  # a path that is no route may contain anything, also a key
_ADMINS_ONLY, _UNKNOWN_CALLERS = admins_only().error, keys_unavailable().error
_NO_ROUTES = frozenset({"HEAD", "OPTIONS", "PUT", "PATCH"})  # methods that no route has, known all the same
_REASONS: Mapping[str, SecurityReason] = {
    "permission_denied": SecurityReason.PERMISSION_DENIED,
    "rate_limit_exceeded": SecurityReason.RATE_LIMITED,
    "budget_exceeded": SecurityReason.BUDGET_EXCEEDED,
    "internal_error": SecurityReason.INTERNAL_ERROR,
}


class RefusalRecorder:
    """Records rejections that matter to operators, each with its route of the table."""

    def __init__(self, audit: SecurityAudit, endpoints: Iterable[Endpoint]) -> None:
        self._audit = audit
        routes = [(each.method, each.path) for each in endpoints]
        self._methods = _NO_ROUTES | {method for method, _ in routes}
        self._exact = frozenset(path for _, path in routes if "{" not in path)
        self._starts = tuple((path.split("{")[0], path) for _, path in routes if "{" in path)

    def record(self, scope: Scope, error: ApiError) -> None:
        """Ignores rejections that do not matter."""
        if error == _ADMINS_ONLY:
            reason: SecurityReason | None = SecurityReason.ADMIN_REQUIRED
        elif error == _UNKNOWN_CALLERS:
            reason = SecurityReason.KEYS_UNAVAILABLE
        else:
            reason = _REASONS.get(error.code)
        if reason is None:
            return
        caller, target, address = known_caller(scope), self.route_of(scope), address_of(scope)
        if caller is not None:
            self._audit.record(SecurityEvent(reason, target, caller.key_id, caller.tenant, address))
        else:
            self._audit.record(SecurityEvent(reason, target, address=address))

    def route_of(self, scope: Scope) -> str:
        """A route of the table, else OTHER: client text in paths and methods is never recorded."""
        path = scope["path"]
        if path in self._exact:
            known = path
        else:
            known = next((whole for start, whole in self._starts if path.startswith(start)), OTHER)
        method = scope["method"]
        return f"{method} {known}" if method in self._methods else OTHER
