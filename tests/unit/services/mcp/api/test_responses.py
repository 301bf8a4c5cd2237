"""The HTTP status of each refusal of a tool."""

from typing import get_args

from starlette.requests import Request

from services.mcp.api.responses import tool_error_response
from services.mcp.contract import ErrorCode, ToolError

REFUSED = 422
STATUSES = {
    **{"unknown_tool": 404, "not_found": 404, "timeout": 504, "busy": 503, "worker_lost": 503},
    **{"disabled": 409, "forbidden": 403, "unavailable": 501, "outside_failed": 502},
}


async def test_a_refusal_has_the_status_of_its_code() -> None:
    codes: tuple[ErrorCode, ...] = get_args(ErrorCode)
    answers = {code: await tool_error_response(Request({"type": "http"}), ToolError(code, "no")) for code in codes}
    assert {code: answer.status_code for code, answer in answers.items()} == {
        code: STATUSES.get(code, REFUSED) for code in codes
    }
    assert {code for code, answer in answers.items() if "retry-after" in answer.headers} == {"busy", "worker_lost"}
