"""Answers that are in this gateway's outbox and not on the log yet."""

from libs.ports.answers import AnswerLookup, ResponseState
from services.gateway.domain.cached_answer_record import CachedAnswerRecord
from services.gateway.outbox import Outbox


class OutboxLookup:
    """An AnswerLookup: the outbox first, then `log_answers`."""

    def __init__(self, outbox: Outbox[CachedAnswerRecord], log_answers: AnswerLookup) -> None:
        self._outbox = outbox
        self._log = log_answers

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        record = self._outbox.undelivered(response_id)
        if record is not None and record.opened.envelope.tenant == tenant:
            return ResponseState(record.opened, record.end, started=True)
        return await self._log.find(tenant, response_id)
