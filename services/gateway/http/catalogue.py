"""GET /v1/models."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.domain.models import model_body, model_list_body
from services.gateway.http.answers import json_response


async def list_models(request: Request) -> Response:
    return json_response(model_list_body(request.scope["caller"]))


async def show_model(request: Request) -> Response:
    return json_response(model_body(request.path_params["model_id"], request.scope["caller"]))
