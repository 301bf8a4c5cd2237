"""The HTTP application: routes, authentication, and errors in the client's protocol."""

from collections.abc import Sequence
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from libs.http.authentication import AuthenticationMiddleware
from libs.http.outer_middleware import DetachedBody, ErrorResponses, FastRoutes, ResponseMetadataMiddleware
from services.gateway.api.authentication import RequireAdmin, RequireGrant, authentication_of
from services.gateway.api.error_responses import REJECTIONS, error_response, recorded_response
from services.gateway.api.exposed_headers import EXPOSED
from services.gateway.api.route import Answer
from services.gateway.api.routes import ENDPOINTS, Access, Endpoint, Quota
from services.gateway.api.security_events import RefusalRecorder
from services.gateway.domain.errors import ApiError
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.endpoint import InferenceEndpoint
from services.gateway.pipeline.quota import QuotaRoute


def make_application(front: AppContext, endpoints: Sequence[Endpoint] = ENDPOINTS) -> ASGIApp:
    """Every path requires a key, also unknown ones."""
    refusals = RefusalRecorder(front.guard.audit, endpoints)
    authentication = authentication_of(front, refusals)
    served = [(endpoint, endpoint.serve(front)) for endpoint in endpoints]
    application = Starlette(
        routes=[_route(front, endpoint, answer) for endpoint, answer in served],
        middleware=[Middleware(AuthenticationMiddleware, authentication=authentication)],
        exception_handlers={**dict.fromkeys(REJECTIONS, failed), HTTPException: not_routed, Exception: failed},
    )
    application.router.redirect_slashes = False
    application.state.endpoints = tuple(endpoints)
    application.state.refusals = refusals
    respond = partial(recorded_response, refusals)
    fast = {
        (endpoint.method, endpoint.path): ErrorResponses(
            AuthenticationMiddleware(answer, authentication), REJECTIONS, respond
        )
        for endpoint, answer in served
        if isinstance(answer, InferenceEndpoint)
    }
    application_with_cors = front.cross_origin.around(FastRoutes(application, fast), EXPOSED)
    return DetachedBody(ResponseMetadataMiddleware(application_with_cors))


def _route(front: AppContext, endpoint: Endpoint, answer: ASGIApp | Answer) -> Route:
    """Wrap the handler: a request passes the permission checks first, then the quota."""
    route = Route(endpoint.path, answer, methods=[endpoint.method])
    if endpoint.quota is Quota.REQUEST:
        route.app = QuotaRoute(route.app, front)
    if endpoint.grant is not None:
        route.app = RequireGrant(route.app, *endpoint.grant)
    if endpoint.access is Access.ADMIN:
        route.app = RequireAdmin(route.app)
    return route


async def not_routed(request: Request, error: Exception) -> Response:
    """404 for an unknown path, 405 for a wrong method."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    where = f"{request.method} {path[:200]}"
    if error.status_code == 404:
        return error_response(ApiError(404, "unknown_url", f"Unknown request URL: {where}."), path)
    response = error_response(ApiError(error.status_code, "method_not_allowed", f"Not allowed: {where}."), path)
    response.headers.update(error.headers or {})
    return response


async def failed(request: Request, error: Exception) -> Response:
    """A rejection, or 500 for a bug, which the server logs."""
    return recorded_response(request.app.state.refusals, request.scope, error)
