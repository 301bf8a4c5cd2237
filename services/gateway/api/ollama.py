"""Routes of Ollama's API without inference."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from libs.http.context import caller_in
from libs.http.responses import json_response
from services.gateway.api.models import named, offered
from services.gateway.dialects.ollama.body import ShowBody
from services.gateway.dialects.ollama.request import plain_model
from services.gateway.domain.routing.model_pages import ollama_model, ollama_tags
from services.gateway.domain.routing.model_resolver import CREATED
from services.gateway.http.body import posted
from services.gateway.pipeline.app_context import AppContext

SPOKEN = "0.12.0"  # the version of Ollama's API; clients check it before they send tools or thinking


async def version(_: Request) -> Response:
    return json_response(orjson.dumps({"version": SPOKEN}))


async def running(_: Request) -> Response:
    """Always empty: the model servers load the models, not the gateway."""
    return json_response(orjson.dumps({"models": []}))


class Facade:
    """Model routes of Ollama's API."""

    def __init__(self, front: AppContext) -> None:
        self._front = front

    async def tags(self, request: Request) -> Response:
        ids = [model.id for model in offered(self._front, caller_in(request.scope))]
        return json_response(ollama_tags(ids, CREATED))

    async def show(self, request: Request) -> Response:
        body = await posted(request, ShowBody, self._front.limits.body_timeout_s)
        model = named(self._front, plain_model(body.model or body.name), caller_in(request.scope))
        return json_response(ollama_model(model, CREATED))
