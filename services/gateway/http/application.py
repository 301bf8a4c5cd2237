"""The HTTP application: routes, the key at the door, and errors in one shape."""

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.core.credentials import Keys
from services.gateway.domain.errors import ApiError, RequestRefused, invalid_key
from services.gateway.domain.models import model_body, model_list_body
from services.gateway.http.answers import error_response, json_response
from services.gateway.http.chat import ChatCompletions
from services.gateway.http.front import Front
from services.gateway.http.responses import Responses


def make_application(front: Front) -> ASGIApp:
    """Return the application. Every path needs a key, unknown ones too."""
    responses = Responses(front)
    application = Starlette(
        routes=[
            Route("/v1/chat/completions", ChatCompletions(front), methods=["POST"]),
            Route("/v1/responses/{response_id}", responses.show, methods=["GET"]),
            Route("/v1/responses/{response_id}", responses.cancel, methods=["DELETE"]),
            Route("/v1/responses/{response_id}/cancel", responses.cancel, methods=["POST"]),
            Route("/v1/models", list_models, methods=["GET"]),
            Route("/v1/models/{model_id:path}", show_model, methods=["GET"]),
        ],
        middleware=[Middleware(KeyRequired, keys=front.keys)],
        exception_handlers={RequestRefused: refused, HTTPException: not_routed, Exception: broken},
    )
    application.router.redirect_slashes = False
    return application


class KeyRequired:
    """Lets requests with a known key pass and notes their tenant in the scope."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            authorization = Headers(scope=scope).get("authorization", "")
            tenant = self._keys.tenant_of(authorization.encode("latin-1"))
            if tenant is None:
                await error_response(invalid_key().error)(scope, receive, send)
                return
            scope["tenant"] = tenant
        await self._app(scope, receive, send)


async def list_models(_: Request) -> Response:
    return json_response(model_list_body())


async def show_model(request: Request) -> Response:
    return json_response(model_body(request.path_params["model_id"]))


async def refused(_: Request, error: Exception) -> Response:
    """Answer a refusal; the type of `error` is fixed by the table above."""
    assert isinstance(error, RequestRefused)
    return error_response(error.error)


async def not_routed(request: Request, error: Exception) -> Response:
    """Answer an unknown path or a wrong method."""
    assert isinstance(error, HTTPException)
    where = f"{request.method} {request.url.path[:200]}"
    if error.status_code == 404:
        return error_response(ApiError(404, "unknown_url", f"Unknown request URL: {where}."))
    response = error_response(ApiError(error.status_code, "method_not_allowed", f"Not allowed: {where}."))
    response.headers.update(error.headers or {})
    return response


async def broken(_: Request, __: Exception) -> Response:
    """Answer a bug without its trace; the server logs that."""
    return error_response(ApiError(500, "internal_error", "Something went wrong inside the gateway."))
