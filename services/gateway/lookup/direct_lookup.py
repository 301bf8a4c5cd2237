"""Look-up of a response of a direct request: this instance, the log, the journal."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from libs.contracts.direct import DirectOpened
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.ids import accepted_at_of, is_response_id, reply_partition_of
from libs.ports.answers import DirectState, RecordLookup
from libs.ports.identity import Caller
from services.gateway.domain.errors import not_found, temporarily_unavailable
from services.gateway.domain.ownership import may_see
from services.gateway.lookup.erasure_check import ErasureCheck
from services.gateway.lookup.permits import LookupPermits

AT_ONCE = 32
ON_ITS_WAY_S = 0.5  # a new record of another instance is on the log within a tenth of this
SETTLED_AFTER_S = 3600.0  # from then on the journal, which has an index, is searched before the log

T = TypeVar("T")

log = logging.getLogger(__name__)


class DirectRequests(Protocol):
    """Direct requests of this instance."""

    def state_of(self, tenant: str, response_id: str) -> DirectState | None:
        """State of a request that runs here or whose record is undelivered, else None: the log does not have it yet."""
        ...


@dataclass(frozen=True, slots=True)
class DirectLookup:
    """Looks up records. `running` are the direct requests of this instance, None without a model server.

    `partition` is the reply partition of this instance, which holds its latest answers in memory; `records` are the
    log, then the journal.
    """

    running: DirectRequests | None
    partition: int
    records: Sequence[RecordLookup] = field(default=())
    clock: Clock = field(default_factory=SystemClock)
    permits: LookupPermits = field(default_factory=lambda: LookupPermits(AT_ONCE))
    check: ErasureCheck = field(default_factory=ErasureCheck)

    async def here(self, caller: Caller, response_id: str) -> DirectState | None:
        """The caller's own response if it runs here, or ended here so recently that no log has it yet.

        Raises RequestRefused as `find` does.
        """
        known = self._here(caller, response_id)
        if known is not None:
            await self.check.require_record_not_erased(known.envelope)
        return known

    async def find(self, caller: Caller, response_id: str) -> DirectState:
        """Raises RequestRefused: 404 for an unknown, foreign or erased response, 503
        when its state is unavailable."""
        if not is_response_id(response_id):
            raise not_found()
        await self.check.require_not_erased(caller.tenant, response_id)
        known = self._here(caller, response_id) or await self._found(caller.tenant, response_id)
        if known is None or not may_see(caller, known.account):
            raise not_found()
        await self.check.require_record_not_erased(known.envelope)
        return known

    async def end(self, opened: DirectOpened, within_s: float) -> DirectState:
        """Wait at most `within_s` seconds for the end of a response of another instance. Returns `opened` while it
        runs.

        Raises RequestRefused (503).
        """
        tenant, response_id = opened.envelope.request
        ended = await self._first((tenant, response_id), lambda at: at.record(tenant, response_id, within_s=within_s))
        await self.check.require_record_not_erased((ended or opened).envelope)
        return ended or opened

    def _here(self, caller: Caller, response_id: str) -> DirectState | None:
        known = self.running.state_of(caller.tenant, response_id) if self.running is not None else None
        return known if known is not None and may_see(caller, known.account) else None

    async def _found(self, tenant: str, response_id: str) -> DirectState | None:
        request = tenant, response_id
        if (ended := await self._first(request, lambda at: at.record(tenant, response_id))) is not None:
            return ended
        if (opened := await self._first(request, lambda at: at.accepted(tenant, response_id))) is not None:
            return opened
        if self._is_settled(response_id) or reply_partition_of(response_id) == self.partition:
            return None
        return await self._first(request, lambda at: at.record(tenant, response_id, within_s=ON_ITS_WAY_S))

    async def _first(
        self, request: tuple[str, str], look_up: Callable[[RecordLookup], Awaitable[T | None]]
    ) -> T | None:
        """The first result. Raises RequestRefused (503) when no place has one and one of them is unavailable."""
        (tenant, response_id), away = request, False
        for place in reversed(self.records) if self._is_settled(response_id) else self.records:
            try:
                async with self.permits.permit(tenant):
                    known = await look_up(place)
            except Retryable as error:
                log.warning("could not look up %s in every place: %s", response_id, error)
                away = True
                continue
            if known is not None:
                return known
        if away:
            raise temporarily_unavailable()
        return None

    def _is_settled(self, response_id: str) -> bool:
        return self.clock.now() - accepted_at_of(response_id) > SETTLED_AFTER_S
