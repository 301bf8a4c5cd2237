"""GET /openapi.json and GET /docs. `app.state.endpoints` holds the documented routes."""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from libs.http.responses import json_response
from services.gateway.api.openapi.document import openapi_document, openapi_json
from services.gateway.api.openapi.page import page_of
from services.gateway.api.route import Endpoint


async def show_document(request: Request) -> Response:
    return json_response(openapi_json(request.app.state.endpoints))


async def show_page(request: Request) -> Response:
    return HTMLResponse(_page(request.app.state.endpoints))


@lru_cache(maxsize=8)
def _page(endpoints: tuple[Endpoint, ...]) -> str:
    return page_of(openapi_document(endpoints))
