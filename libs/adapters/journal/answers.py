"""Looks up responses in the journal, which lags the log by a moment and stores them permanently."""

from collections.abc import Callable

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.record import Record
from libs.contracts.records import RequestLogged
from libs.contracts.topics import ANSWER_FINISHED
from libs.core.errors import ConfigurationError, Retryable
from libs.ports.answers import ResponseState
from libs.ports.journal import Journaled, JournalReader, in_log_order

Read = Callable[[Record], Message | None]


class JournalAnswers:
    """`AnswerLookup` and `RecordLookup`. `read` verifies a record and decodes its message."""

    def __init__(self, reader: JournalReader, read: Read) -> None:
        self._reader = reader
        self._read = read

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        """Erased content counts as unknown."""
        rows = in_log_order(await self._history(tenant, response_id))
        messages = [(row, message) for row in rows if (message := self._message(row, tenant)) is not None]
        opened = (message for _, message in messages if isinstance(message, RequestOpened))
        ends = (message for row, message in messages if _is_end(row) and isinstance(message, AnswerFinished))
        return ResponseState(next(opened, None), next(ends, None), started=len(messages) > 2)

    async def record(self, tenant: str, response_id: str, *, within_s: float = 0.0) -> RequestLogged | None:
        """Ignores `within_s` and never waits: records in flight reach the log before the journal."""
        messages = (self._message(row, tenant) for row in await self._history(tenant, response_id))
        return next((message for message in messages if isinstance(message, RequestLogged)), None)

    async def accepted(self, tenant: str, response_id: str) -> DirectOpened | None:
        messages = (self._message(row, tenant) for row in await self._history(tenant, response_id))
        return next((message for message in messages if isinstance(message, DirectOpened)), None)

    async def _history(self, tenant: str, response_id: str) -> tuple[Journaled, ...]:
        try:
            return await self._reader.history(response_id, tenant)
        except ConfigurationError as error:  # the operator must fix it; until then the state is unknown
            raise Retryable(f"the journal cannot be read: {error}") from error

    def _message(self, row: Journaled, tenant: str) -> Message | None:
        entry = row.entry
        if row.erased or entry.claims.tenant != tenant:
            return None
        return self._read(entry.record)


def _is_end(row: Journaled) -> bool:
    return row.entry.position.topic == ANSWER_FINISHED.name
