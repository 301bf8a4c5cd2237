"""Complete responses: JSON, and errors with a machine-readable code."""

from collections.abc import Mapping

from pydantic import JsonValue
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.mcp.contract import ToolError

_STATUS = {
    "unknown_tool": 404,
    "timeout": 504,
    "busy": 503,
    "worker_lost": 503,
    "disabled": 409,
    "forbidden": 403,
    "unavailable": 501,
    "not_found": 404,
    "outside_failed": 502,
}
_REFUSED = 422  # the tool understood the call and refuses it
_AGAIN = frozenset({503})
_CODES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    421: "unknown_host",
    429: "rate_limited",
    503: "busy",
}


def json_response(content: Mapping[str, JsonValue], status: int = 200) -> Response:
    """Integers of any size stay exact."""
    return Response(to_json(content), status, media_type="application/json")


def error_response(status: int, message: str, code: str = "") -> Response:
    """Without a code, the error has that of the status."""
    code = code or _CODES.get(status, "bad_request")
    response = json_response({"error": {"code": code, "message": message}}, status)
    if status in _AGAIN:
        response.headers["retry-after"] = "1"
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


async def http_error_response(_: Request, error: Exception) -> Response:
    """Starlette's handler of HTTPException."""
    if not isinstance(error, HTTPException):
        raise error
    return error_response(error.status_code, error.detail)


async def tool_error_response(_: Request, error: Exception) -> Response:
    """Starlette's handler of ToolError."""
    if not isinstance(error, ToolError):
        raise error
    return error_response(_STATUS.get(error.code, _REFUSED), str(error), error.code)
