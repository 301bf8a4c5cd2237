"""The tools over HTTP: `GET /tools`, `POST /invoke {"tool": …, "args": {…}}`. `/health` is the process's own."""

import asyncio
from dataclasses import dataclass

import orjson
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from libs.core.credentials import Keys
from services.mcp.pool import WorkerPool
from services.mcp.tools.contract import AnswerStyle, Language, ToolError
from services.mcp.tools.registry import describe

MAX_BODY_BYTES = 64 * 1024
BODY_TIMEOUT_S = 10.0
STATUS = {"unknown_tool": 404, "timeout": 504, "busy": 503, "worker_lost": 503}
REFUSED = 422  # the tool understood the call and will not do it


class Invocation(BaseModel):
    """The body of `/invoke`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    args: dict[str, JsonValue] = {}
    language: Language = "en"
    focus: str | None = None


@dataclass(frozen=True)
class ToolServer:
    """The routes around a pool of workers."""

    pool: WorkerPool
    keys: Keys

    def app(self) -> Starlette:
        """Return the application."""
        routes = [Route("/tools", self.list_tools, methods=["GET"]), Route("/invoke", self.invoke, methods=["POST"])]
        return Starlette(routes=routes, exception_handlers={HTTPException: _say, ToolError: _refuse})

    async def list_tools(self, request: Request) -> Response:
        """Describe every tool: arguments, result, limits and examples."""
        self._authorise(request)
        return JSONResponse({"tools": [tool.model_dump(mode="json") for tool in describe()]})

    async def invoke(self, request: Request) -> Response:
        """Run one tool."""
        self._authorise(request)
        call = _invocation(await _body(request))
        style = AnswerStyle(language=call.language, focus=call.focus)
        result = await self.pool.invoke(call.tool, call.args, style=style)
        return JSONResponse(result.model_dump(mode="json"))

    def _authorise(self, request: Request) -> None:
        if self.keys.tenant_of(request.headers.get("authorization", "").encode()) is None:
            raise HTTPException(401, "A valid API key is needed: send `Authorization: Bearer <key>`.")


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise HTTPException(413, f"The body is larger than {MAX_BODY_BYTES} bytes.")
    except TimeoutError as error:
        raise HTTPException(408, "The body came too slowly.") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The client left.") from error
    return bytes(body)


def _invocation(body: bytes) -> Invocation:
    try:
        return Invocation.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, "The body is not valid JSON.") from error
    except ValidationError as error:
        wrong = ", ".join(".".join(str(step) for step in one["loc"]) for one in error.errors())
        raise HTTPException(400, f'Expected {{"tool": …, "args": {{…}}}}; look at: {wrong}.') from error


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


async def _say(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _error(
        error.status_code, {401: "unauthorized", 404: "not_found"}.get(error.status_code, "bad_request"), error.detail
    )


async def _refuse(_: Request, error: Exception) -> Response:
    if not isinstance(error, ToolError):
        raise error
    return _error(STATUS.get(error.code, REFUSED), error.code, str(error))
