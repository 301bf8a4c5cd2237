"""Errors as responses in the dialect of the path."""

from starlette.responses import Response
from starlette.types import Scope

from libs.http.body import BodyNotJson, BodyRejected, BodyTooLarge, BodyTooSlow
from services.gateway.api.security_events import RefusalRecorder
from services.gateway.dialects.by_path import dialect_at
from services.gateway.domain.errors import ApiError, RequestRefused, body_too_slow, not_json, too_large
from services.gateway.http.responses import refusal

REJECTIONS = (RequestRefused, BodyRejected)  # any other error is a bug


def recorded_response(refusals: RefusalRecorder, scope: Scope, error: BaseException) -> Response:
    """Record an error for operators, and build its response."""
    shown = _error_of(error)
    refusals.record(scope, shown)
    return error_response(shown, scope["path"])


def error_response(error: ApiError, path: str) -> Response:
    """Build an error in the dialect of the path."""
    return refusal(error, dialect_at(path))


def _error_of(error: BaseException) -> ApiError:
    match error:
        case RequestRefused():
            return error.error
        case BodyTooLarge():
            return too_large(error.limit).error
        case BodyTooSlow():
            return body_too_slow().error
        case BodyNotJson():
            return not_json(error.kind).error
        case _:
            return ApiError(500, "internal_error", "Internal error of the gateway.")  # a bug, without its traceback
