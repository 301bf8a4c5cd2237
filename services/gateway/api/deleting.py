"""DELETE /v1/responses/{id}: afterwards no route of any gateway shows the response."""

from starlette.requests import Request
from starlette.responses import Response

from libs.core.errors import Retryable
from libs.core.ids import response_id_in
from libs.http.context import caller_in
from libs.http.responses import identify, json_response
from services.gateway.dialects.response_body import deletion_body
from services.gateway.domain.errors import deletions_not_configured, not_deleted
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.responses import Responses


class Deleting:
    def __init__(self, front: AppContext) -> None:
        self._deletions = front.deletions
        self._responses = Responses(front.including_deleted())

    async def delete(self, request: Request) -> Response:
        """Stop the work, record the deletion, and reply with its object; also for a response deleted before. Records of
        the response keep their own retention. Without Postgres, reject the deletion of a known response: its work
        continues."""
        if self._deletions is None:
            await self._responses.require(request)
            raise deletions_not_configured()
        caller = caller_in(request.scope)
        name = (await self._responses.cancel(request)).headers["x-request-id"]
        try:
            await self._deletions.delete(caller.tenant, response_id_in(name), caller.key_id or caller.user)
        except Retryable as error:
            raise not_deleted() from error
        return identify(json_response(deletion_body(name)), name)
