"""What became of a response that one model gives, where the fleet knows none of its id; and its cancelling."""

from starlette.responses import Response

from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.ports.answers import DirectState
from libs.ports.identity import Caller
from services.gateway.dialects.response_body import direct_body, shown_id
from services.gateway.domain.errors import RequestRefused, invalid, is_not_found, not_accepted
from services.gateway.http.responses import identify, json_response
from services.gateway.pipeline.acceptance import publish_acknowledged
from services.gateway.pipeline.app_context import AppContext


class DirectResponses:
    """The endpoints of responses, for those of one model. `refused` is what the fleet said about the id: unless it is
    unknown there, that is raised again."""

    def __init__(self, front: AppContext) -> None:
        self._front = front

    async def shown_here(self, caller: Caller, response_id: str) -> Response | None:
        """Return a response that runs here or has just ended here; None for any other."""
        known = await self._front.straight.here(caller, response_id)
        return self._shown(known) if known is not None else None

    async def shown(self, caller: Caller, response_id: str, refused: RequestRefused) -> Response:
        """Return a response. Raises RequestRefused (404, 503)."""
        return self._shown(await self._found(caller, response_id, refused))

    async def cancelled_here(self, caller: Caller, response_id: str) -> Response | None:
        """End a response that runs here, and return how it ended; None for one that runs elsewhere."""
        known, line = await self._front.straight.here(caller, response_id), self._front.direct
        if known is None or line is None:
            return None
        if isinstance(known, DirectOpened):
            await line.cancel(caller.tenant, response_id, self._front.limits.settle_s)
            known = await self._front.straight.find(caller, response_id)
        return self._shown(known)

    async def cancelled(self, caller: Caller, response_id: str, refused: RequestRefused) -> Response:
        """End a response, and return how it ended. Raises RequestRefused (404, 503)."""
        known = await self._found(caller, response_id, refused)
        if isinstance(known, DirectOpened):
            if not await publish_acknowledged(
                self._front, DirectCancelled(reason="cancelled by the client").after(known)
            ):
                raise not_accepted()
            known = await self._front.straight.end(known, self._front.limits.settle_s)
        return self._shown(known)

    async def refuse_stream(self, caller: Caller, response_id: str, refused: RequestRefused) -> None:
        """Raise RequestRefused: 400 for a response that is there, but not as a stream."""
        await self._found(caller, response_id, refused)
        raise invalid("Direct responses cannot be streamed again: retrieve them without `stream`.", param="stream")

    async def _found(self, caller: Caller, response_id: str, refused: RequestRefused) -> DirectState:
        if not is_not_found(refused):
            raise refused
        return await self._front.straight.find(caller, response_id)

    def _shown(self, known: DirectState) -> Response:
        body = direct_body(known, self._front.clock.now())
        return identify(json_response(body), shown_id(known))
