"""`GET /tools`, `POST /tools/{name}/toggle`, `POST /invoke {"tool": …, "args": {…}}`."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import from_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from libs.core.security_events import SecurityEvent, SecurityReason
from libs.http.context import caller_in
from libs.runtime.process.authentication_guard import address_of
from libs.runtime.process.security_audit import SecurityAudit
from services.mcp.api.authentication import target_of
from services.mcp.api.body import read_body
from services.mcp.api.responses import http_error_response, json_response, tool_error_response
from services.mcp.contract import AnswerStyle, Caller, Language, ToolError
from services.mcp.tools.policy import ListedTool
from services.mcp.tools.toolbox import Toolbox

ReadT = TypeVar("ReadT", bound=BaseModel)


class Invocation(BaseModel):
    """The body of `/invoke`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    args: dict[str, JsonValue] = {}
    language: Language = "en"
    focus: str | None = None


class Toggle(BaseModel):
    """The body of `/tools/{name}/toggle`. `enabled` None, or no body: switch to the other state."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    enabled: bool | None = None


class ToolServer:
    """The REST routes of the tools; they require AuthenticatedApp."""

    def __init__(self, toolbox: Toolbox, audit: SecurityAudit | None = None) -> None:
        self._toolbox = toolbox
        self._audit = audit or SecurityAudit("mcp")
        self._told = {tool.name: tool.model_dump(mode="json", exclude={"unavailable"}) for tool in toolbox.listing()}

    def app(self, *others: BaseRoute) -> Starlette:
        """The application, with `others` as additional routes."""
        routes = [
            Route("/invoke", self.invoke, methods=["POST"]),
            *others,
            Route("/tools", self.list_tools, methods=["GET"]),
            Route("/tools/{name}/toggle", self.toggle, methods=["POST"]),
        ]
        return Starlette(
            routes=routes, exception_handlers={HTTPException: http_error_response, ToolError: tool_error_response}
        )

    async def list_tools(self, request: Request) -> Response:
        """Describe every tool that the caller may use: arguments, result, limits, examples, and state."""
        listed = self._toolbox.listing_for(_caller(request))
        return json_response({"tools": [self._told[tool.described.name] | _standing(tool) for tool in listed]})

    async def invoke(self, request: Request) -> Response:
        call = _read(Invocation, await read_body(request.receive), '{"tool": …, "args": {…}}')
        style = AnswerStyle(language=call.language, focus=call.focus)
        result = await self._toolbox.invoke(call.tool, call.args, style=style, caller=_caller(request))
        return Response(result.model_dump_json(), media_type="application/json")

    async def toggle(self, request: Request) -> Response:
        """Switch a tool on or off for the whole installation. Requires an admin's key."""
        caller = caller_in(request.scope)
        if not caller.admin:
            target, address = target_of(request.scope), address_of(request.scope)
            event = SecurityEvent(SecurityReason.ADMIN_REQUIRED, target, caller.key_id, caller.tenant, address)
            self._audit.record(event)
            raise HTTPException(403, "This requires an admin's API key.")
        toggle = _read(Toggle, await read_body(request.receive) or b"{}", '{"enabled": true}')
        tool = await self._toolbox.toggle(request.path_params["name"], caller.key_id, to=toggle.enabled)
        return json_response({"name": tool.described.name, **_standing(tool)})


def _caller(request: Request) -> Caller:
    known = caller_in(request.scope)
    return Caller(known.tenant, known.grants, known.key_id)


def _standing(tool: ListedTool) -> dict[str, JsonValue]:
    return {"enabled": tool.enabled, "available": tool.available, "reason": tool.reason}


def _read(model: type[ReadT], body: bytes, expected: str) -> ReadT:
    try:
        content = from_json(body, allow_inf_nan=False)  # integers of any size stay exact
    except ValueError as error:
        raise HTTPException(400, "The body is not valid JSON.") from error
    if isinstance(content, dict) and (unknown := content.keys() - model.model_fields.keys()):
        raise HTTPException(400, f"Expected {expected}; look at: {min(unknown)[:40]}.")  # pydantic reports each
    try:
        return model.model_validate(content)
    except ValidationError as error:
        wrong = ", ".join(".".join(str(step)[:40] for step in one["loc"]) for one in error.errors()[:5])
        raise HTTPException(400, f"Expected {expected}; look at: {wrong or 'the whole'}.") from error
