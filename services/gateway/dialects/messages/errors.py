"""Errors in Anthropic's shape."""

import orjson

from services.gateway.dialects.naming import naming_message
from services.gateway.domain.errors import ApiError

OVERLOADED = 529
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    504: "timeout_error",
    OVERLOADED: "overloaded_error",
}


def status_of(error: ApiError) -> int:
    """Overload has a status of its own."""
    return OVERLOADED if error.status == 503 and error.code == "overloaded" else error.status


def error_body(error: ApiError, response_id: str) -> bytes:
    fields = {"type": type_of(error), "message": naming_message(error)}
    return orjson.dumps({"type": "error", "error": fields, "request_id": response_id or None})


def type_of(error: ApiError) -> str:
    """The error type, as Anthropic names it."""
    status = status_of(error)
    return _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
