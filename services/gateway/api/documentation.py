"""GET /openapi.json and GET /docs. `app.state.endpoints` holds the documented routes."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.gateway.api.openapi.document import openapi_json
from services.gateway.api.openapi.page import page_of
from services.gateway.http.responses import json_response


async def show_document(request: Request) -> Response:
    return json_response(openapi_json(request.app.state.endpoints))


async def show_page(request: Request) -> Response:
    return HTMLResponse(page_of(request.app.state.endpoints))
