"""Rejections as security events: caller, reason and route. They contain nothing of a body, a header or a path."""

from collections.abc import Mapping

from starlette.types import Scope

from libs.core.security_events import SecurityEvent, SecurityReason
from libs.http.context import known_caller
from libs.runtime.process.authentication_guard import address_of
from libs.runtime.process.security_audit import SecurityAudit
from services.gateway.api.routes import ENDPOINTS
from services.gateway.domain.errors import ApiError, admins_only, keys_unavailable

OTHER = "other"  # a path that is no route may contain anything, also a key
_ADMINS_ONLY, _UNKNOWN_CALLERS = admins_only().error, keys_unavailable().error
_METHODS = frozenset(each.method for each in ENDPOINTS) | {"HEAD", "OPTIONS", "PUT", "PATCH"}
_EXACT = frozenset(each.path for each in ENDPOINTS if "{" not in each.path)
_STARTS = tuple((each.path.split("{")[0], each.path) for each in ENDPOINTS if "{" in each.path)
_REASONS: Mapping[str, SecurityReason] = {
    "permission_denied": SecurityReason.PERMISSION_DENIED,
    "rate_limit_exceeded": SecurityReason.RATE_LIMITED,
    "budget_exceeded": SecurityReason.BUDGET_EXCEEDED,
    "internal_error": SecurityReason.INTERNAL_ERROR,
}


def record_refusal(audit: SecurityAudit, scope: Scope, error: ApiError) -> None:
    """Record rejections that matter to operators; ignore others."""
    if error == _ADMINS_ONLY:
        reason: SecurityReason | None = SecurityReason.ADMIN_REQUIRED
    elif error == _UNKNOWN_CALLERS:
        reason = SecurityReason.KEYS_UNAVAILABLE
    else:
        reason = _REASONS.get(error.code)
    if reason is None:
        return
    caller, target, address = known_caller(scope), route_of(scope), address_of(scope)
    if caller is not None:
        audit.record(SecurityEvent(reason, target, caller.key_id, caller.tenant, address))
    else:
        audit.record(SecurityEvent(reason, target, address=address))


def route_of(scope: Scope) -> str:
    """A route of the table, else OTHER: client text in paths and methods is never recorded."""
    path = scope["path"]
    known = path if path in _EXACT else next((whole for start, whole in _STARTS if path.startswith(start)), OTHER)
    method = scope["method"]
    return f"{method} {known}" if method in _METHODS else OTHER
