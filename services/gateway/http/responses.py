"""Errors as responses of a dialect."""

from starlette.responses import Response

from libs.http.responses import json_response
from services.gateway.dialects.dialect import Dialect
from services.gateway.domain.errors import ApiError


def refusal(error: ApiError, dialect: Dialect, response_id: str = "") -> Response:
    """Build an error of a dialect, with the headers for the client's retries."""
    response = json_response(dialect.error(error, response_id), dialect.status_of(error))
    response.headers.update(dict(error.headers))
    if error.retry_after_s is not None:
        response.headers["retry-after"] = str(error.retry_after_s)
    if not error.repeatable:  # SDKs repeat 5xx, each time the whole fleet runs; Claude Code repeats 401 for minutes
        response.headers["x-should-retry"] = "false"
    return response
