"""What became of a response: the open seats of this instance, the log, and the journal."""

import logging
from collections.abc import Sequence

from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.ids import accepted_at_of, is_response_id
from libs.ports.answers import AnswerLookup, Known
from libs.ports.identity import Caller
from services.gateway.domain.errors import not_found, unknown_now
from services.gateway.domain.ownership import may_see
from services.gateway.lookup.turns import LookupTurns
from services.gateway.replies.desk import ReplyDesk

AT_ONCE = 8

log = logging.getLogger(__name__)


class Search:
    """Looks where the order of ends is certain first: while a response may still end that is the log, then the journal.

    `settled_after_s`: so long after it was accepted, whatever a response will be is in the journal.
    """

    def __init__(
        self,
        desk: ReplyDesk,
        log_answers: AnswerLookup,
        journal: AnswerLookup | None,
        *,
        settled_after_s: float,
        clock: Clock | None = None,
    ) -> None:
        self._desk = desk
        self._log = log_answers
        self._journal = journal
        self._settled_after_s = settled_after_s
        self._clock = clock or SystemClock()
        self._turns = LookupTurns(AT_ONCE)

    async def find(self, caller: Caller, response_id: str) -> Known:
        """Return a response whose request is known. Raises RequestRefused: 404 for one that is unknown or foreign, 503
        when that cannot be told now."""
        if not is_response_id(response_id):
            raise not_found()
        known = await self._known(caller.tenant, response_id)
        if known.opened is not None and not may_see(caller, known.opened.account):
            raise not_found()
        return known

    async def _known(self, tenant: str, response_id: str) -> Known:
        if (opened := self._desk.opened(response_id, tenant)) is not None:
            return Known(opened, started=True)
        async with self._turns.turn(tenant):
            return await self._found(tenant, response_id)

    async def _found(self, tenant: str, response_id: str) -> Known:
        best, away = Known(), False
        for place in self._places(response_id):
            try:
                known = await place.find(tenant, response_id)
            except Retryable as error:
                log.warning("%s cannot be looked up everywhere: %s", response_id, error)
                away = True
                continue
            best = _richer(best, known)
            if best.opened is not None and (best.end is not None or place is self._log):
                return best
        if best.opened is not None and not away:
            return best
        raise unknown_now() if away else not_found()

    def _places(self, response_id: str) -> Sequence[AnswerLookup]:
        if self._journal is None:
            return (self._log,)
        settled = self._clock.now() - accepted_at_of(response_id) > self._settled_after_s
        return (self._journal, self._log) if settled else (self._log, self._journal)


def _richer(one: Known, other: Known) -> Known:
    return Known(one.opened or other.opened, one.end or other.end, one.started or other.started)
