"""The HTTP status of each refusal of a tool."""

from starlette.requests import Request

from libs.testing.every import for_every
from services.mcp.api.responses import told_refusal
from services.mcp.contract import ErrorCode, ToolError

STATUSES: tuple[tuple[ErrorCode, int], ...] = (
    *(("unknown_tool", 404), ("not_found", 404), ("timeout", 504), ("busy", 503), ("worker_lost", 503)),
    *(("disabled", 409), ("forbidden", 403), ("unavailable", 501), ("outside_failed", 502)),
    *(("invalid_argument", 422), ("limit_exceeded", 422), ("domain_error", 422)),
)


@for_every(case=STATUSES)
async def test_a_refusal_has_the_status_of_its_code(case: tuple[ErrorCode, int]) -> None:
    code, status = case
    answer = await told_refusal(Request({"type": "http"}), ToolError(code, "no"))
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, "1" if status == 503 else None)
