"""Who asked for a response: one of the fleet, or one that a single model gave."""

from dataclasses import dataclass

from libs.contracts.envelope import Envelope
from libs.ports.identity import Caller
from services.gateway.domain.errors import RequestRefused, is_not_found, not_found
from services.gateway.lookup.direct_search import DirectSearch
from services.gateway.lookup.responses import Search


@dataclass(frozen=True)
class Makers:
    """Looks among the requests of the fleet first, then among the records of all requests."""

    search: Search
    straight: DirectSearch

    async def origin(self, caller: Caller, response_id: str) -> Envelope:
        """Return the envelope of a record of the caller's own response. Raises RequestRefused: 404 for one that is
        unknown or foreign, 503 when that cannot be told now."""
        try:
            opened = (await self.search.find(caller, response_id)).opened
        except RequestRefused as refused:
            if not is_not_found(refused):
                raise
            return (await self.straight.find(caller, response_id)).envelope
        if opened is None:
            raise not_found()
        return opened.envelope
