"""GET /v1/models."""

from starlette.requests import Request
from starlette.responses import Response

from libs.http.context import caller_in
from libs.http.responses import json_response
from libs.ports.identity import Caller
from services.gateway.domain.routing.model_pages import anthropic_list, anthropic_model, read_page
from services.gateway.domain.routing.model_resolver import CREATED, PublicModel, listed, model_of, models_for, shown
from services.gateway.pipeline.app_context import AppContext

_VERSION = "anthropic-version"  # every client of that family sends it


def offered(front: AppContext, caller: Caller) -> tuple[PublicModel, ...]:
    """The models that are listed for a caller."""
    models = front.direct.models if front.direct is not None else None
    straight = (models.tool, models.judge, models.vision) if models is not None else ()
    return models_for(caller, front.models, filter(None, straight))


def named(front: AppContext, model_id: str, caller: Caller) -> PublicModel:
    """Also finds models that are not listed but may be called. Raises RequestRefused (403, 404, 422)."""
    listed_one = next((model for model in offered(front, caller) if model.id == model_id), None)
    return listed_one or model_of(model_id, caller, front.models)


class Catalogue:
    """Lists the models that a key may use, in the format of the client's family."""

    def __init__(self, front: AppContext) -> None:
        self._front = front

    async def list_all(self, request: Request) -> Response:
        """Paginate for families with pages."""
        models = offered(self._front, caller_in(request.scope))
        if _VERSION not in request.headers:
            return json_response(listed(models))
        query = request.query_params
        page = read_page(query.get("limit", ""), query.get("before_id", ""), query.get("after_id", ""))
        return json_response(anthropic_list(models, CREATED, page))

    async def show(self, request: Request) -> Response:
        model = named(self._front, request.path_params["model_id"], caller_in(request.scope))
        if _VERSION not in request.headers:
            return json_response(shown(model))
        return json_response(anthropic_model(model, CREATED))
