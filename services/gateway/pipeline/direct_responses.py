"""State and cancellation of responses to direct requests, whose ids the fleet does not know."""

from starlette.responses import Response

from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.http.responses import identify, json_response
from libs.ports.answers import DirectState
from libs.ports.identity import Caller
from services.gateway.dialects.response_body import direct_body, shown_id
from services.gateway.domain.errors import RequestRefused, invalid, is_not_found, not_accepted
from services.gateway.pipeline.acceptance import publish_acknowledged
from services.gateway.pipeline.app_context import AppContext


class DirectResponses:
    """The endpoints of /v1/responses/{id} for direct requests. `refused` is the error of the fleet's look-up; any error
    but `not found` is raised again."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def shown_here(self, caller: Caller, response_id: str) -> Response | None:
        """A response that runs here or has just ended here; None for any other."""
        known = await self._context.straight.here(caller, response_id)
        return self._shown(known) if known is not None else None

    async def shown(self, caller: Caller, response_id: str, refused: RequestRefused) -> Response:
        """Raises RequestRefused (404, 503)."""
        return self._shown(await self._found(caller, response_id, refused))

    async def cancelled_here(self, caller: Caller, response_id: str) -> Response | None:
        """Cancel a response that runs here, and return its end; None for one that runs elsewhere."""
        known, line = await self._context.straight.here(caller, response_id), self._context.direct
        if known is None or line is None:
            return None
        if isinstance(known, DirectOpened):
            await line.cancel(caller.tenant, response_id, self._context.limits.settle_s)
            known = await self._context.straight.find(caller, response_id)
        return self._shown(known)

    async def cancelled(self, caller: Caller, response_id: str, refused: RequestRefused) -> Response:
        """Cancel a response on any instance, and return its end. Raises RequestRefused (404, 503)."""
        known = await self._found(caller, response_id, refused)
        if isinstance(known, DirectOpened):
            if not await publish_acknowledged(
                self._context, DirectCancelled(reason="cancelled by the client").after(known)
            ):
                raise not_accepted()
            known = await self._context.straight.end(known, self._context.limits.settle_s)
        return self._shown(known)

    async def refuse_stream(self, caller: Caller, response_id: str, refused: RequestRefused) -> None:
        """Always raises RequestRefused: 400 for an existing response, which cannot be streamed again."""
        await self._found(caller, response_id, refused)
        raise invalid("Direct responses cannot be streamed again: retrieve them without `stream`.", param="stream")

    async def _found(self, caller: Caller, response_id: str, refused: RequestRefused) -> DirectState:
        if not is_not_found(refused):
            raise refused
        return await self._context.straight.find(caller, response_id)

    def _shown(self, known: DirectState) -> Response:
        body = direct_body(known, self._context.clock.now())
        return identify(json_response(body), shown_id(known))
