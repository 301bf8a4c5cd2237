"""Look-up of the origin of a response, of the fleet or of a direct request."""

from dataclasses import dataclass

from libs.contracts.envelope import Envelope
from libs.ports.identity import Caller
from services.gateway.domain.errors import RequestRefused, is_not_found, not_found
from services.gateway.lookup.direct_lookup import DirectLookup
from services.gateway.lookup.responses import ResponseLookup


@dataclass(frozen=True)
class OriginLookup:
    """Searches the requests of the fleet first, then the records of all requests."""

    responses: ResponseLookup
    direct: DirectLookup

    async def origin(self, caller: Caller, response_id: str) -> Envelope:
        """Envelope of a record of the caller's own response. Raises RequestRefused: 404 for an unknown or
        foreign response, 503 when its state is unavailable."""
        try:
            opened = (await self.responses.find(caller, response_id)).opened
        except RequestRefused as refused:
            if not is_not_found(refused):
                raise
            return (await self.direct.find(caller, response_id)).envelope
        if opened is None:
            raise not_found()
        return opened.envelope
