"""GET /v1/models."""

from starlette.requests import Request
from starlette.responses import Response

from libs.ports.identity import Caller
from services.gateway.domain.model_pages import anthropic_list, anthropic_model, read_page
from services.gateway.domain.models import CREATED, PublicModel, listed, shown
from services.gateway.domain.serving import model_of, models_for
from services.gateway.http.answers import json_response
from services.gateway.http.front import Front

_VERSION = "anthropic-version"  # every client of that family sends it


def offered(front: Front, caller: Caller) -> tuple[PublicModel, ...]:
    """Return the models that are listed for a caller."""
    models = front.direct.models if front.direct is not None else None
    straight = (models.tool, models.judge, models.vision) if models is not None else ()
    return models_for(caller, front.menu, filter(None, straight))


class Catalogue:
    """The models that a key may use, in the shape of the client's family."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def list_all(self, request: Request) -> Response:
        """Answer with all of them, in pages where the family has pages."""
        models = offered(self._front, request.scope["caller"])
        if _VERSION not in request.headers:
            return json_response(listed(models))
        query = request.query_params
        page = read_page(query.get("limit", ""), query.get("before_id", ""), query.get("after_id", ""))
        return json_response(anthropic_list([model.id for model in models], CREATED, page))

    async def show(self, request: Request) -> Response:
        """Answer with one of them."""
        model = model_of(request.path_params["model_id"], request.scope["caller"], self._front.menu)
        if _VERSION not in request.headers:
            return json_response(shown(model))
        return json_response(anthropic_model(model.id, CREATED))
