"""Who asked for a response: one of the fleet, or one that a single model gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from libs.contracts.envelope import Envelope
from libs.contracts.records import RequestLogged
from libs.core.errors import Retryable
from libs.core.ids import is_response_id
from libs.ports.answers import RecordLookup
from libs.ports.identity import Caller
from services.gateway.domain.errors import RequestRefused, not_found, unknown_now
from services.gateway.domain.ownership import may_see
from services.gateway.search import Search


@dataclass(frozen=True)
class Makers:
    """Looks among the requests of the fleet first, then among the records of all requests."""

    search: Search
    records: Sequence[RecordLookup] = field(default=())

    async def origin(self, caller: Caller, response_id: str) -> Envelope:
        """Return the envelope of a record of the caller's own response. Raises RequestRefused: 404 for one that is
        unknown or foreign, 503 when that cannot be told now."""
        try:
            opened = (await self.search.find(caller, response_id)).opened
        except RequestRefused as refused:
            if refused.error.status != HTTPStatus.NOT_FOUND or not is_response_id(response_id):
                raise
            opened = None
        if opened is not None:
            return opened.envelope
        record = await self._record(caller.tenant, response_id)
        if record is None or not may_see(caller, record.account):
            raise not_found()
        return record.envelope

    async def _record(self, tenant: str, response_id: str) -> RequestLogged | None:
        for place in self.records:
            try:
                record = await place.record(tenant, response_id)
            except Retryable as error:
                raise unknown_now() from error
            if record is not None:
                return record
        return None
