"""Look-up of a response of the fleet: the pending replies of this instance, the log, the journal."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.ids import accepted_at_of, is_response_id
from libs.ports.answers import AnswerLookup, ResponseState
from libs.ports.identity import Caller
from services.gateway.domain.errors import not_found, temporarily_unavailable
from services.gateway.domain.ownership import may_see
from services.gateway.lookup.erasure_check import ErasureCheck
from services.gateway.lookup.permits import LookupPermits
from services.gateway.replies.pending_replies import PendingReplies

AT_ONCE = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ResponseLookup:
    """Searches the place with the certain order of ends first: the log while a response may still end, then the
    journal.

    `settled_after_s`: seconds after acceptance from which the journal has every record of a response.
    """

    pending_replies: PendingReplies
    log_answers: AnswerLookup
    journal: AnswerLookup | None
    settled_after_s: float = field(kw_only=True)
    clock: Clock = field(default_factory=SystemClock)
    check: ErasureCheck = field(default_factory=ErasureCheck)
    permits: LookupPermits = field(default_factory=lambda: LookupPermits(AT_ONCE))

    async def find(self, caller: Caller, response_id: str) -> ResponseState:
        """Raises RequestRefused: 404 for an unknown, foreign or erased
        response, 503 when its state is unavailable."""
        if not is_response_id(response_id):
            raise not_found()
        await self.check.require_not_erased(caller.tenant, response_id)
        known = await self._known(caller.tenant, response_id)
        if known.opened is not None and not may_see(caller, known.opened.account):
            raise not_found()
        if known.opened is not None:
            await self.check.require_record_not_erased(known.opened.envelope)
        return known

    async def _known(self, tenant: str, response_id: str) -> ResponseState:
        if (opened := self.pending_replies.opened(response_id, tenant)) is not None:
            return ResponseState(opened, started=True)
        async with self.permits.permit(tenant):
            return await self._found(tenant, response_id)

    async def _found(self, tenant: str, response_id: str) -> ResponseState:
        best, away = ResponseState(), False
        for place in self._places(response_id):
            try:
                known = await place.find(tenant, response_id)
            except Retryable as error:
                log.warning("could not look up %s in every place: %s", response_id, error)
                away = True
                continue
            best = _richer(best, known)
            if best.opened is not None and (best.end is not None or place is self.log_answers):
                return best
        if best.opened is not None and not away:
            return best
        raise temporarily_unavailable() if away else not_found()

    def _places(self, response_id: str) -> Sequence[AnswerLookup]:
        if self.journal is None:
            return (self.log_answers,)
        settled = self.clock.now() - accepted_at_of(response_id) > self.settled_after_s
        return (self.journal, self.log_answers) if settled else (self.log_answers, self.journal)


def _richer(one: ResponseState, other: ResponseState) -> ResponseState:
    return ResponseState(one.opened or other.opened, one.end or other.end, one.started or other.started)
