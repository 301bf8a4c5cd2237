"""Assembly of the write-ahead store: requests before they are accepted, and ends before they are sent."""

import logging
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext

from libs.adapters.write_ahead.postgres import PostgresWriteAhead
from libs.contracts.answer import AnswerFinished
from libs.core.errors import Retryable, Unstorable
from libs.core.resource import Resource
from libs.ports.answers import AnswerLookup, ResponseState
from libs.ports.no_write_ahead import NoWriteAhead
from libs.ports.write_ahead import WriteAheadStore
from services.gateway.replies.pending_replies import RecordEnd
from services.gateway.settings import Settings

log = logging.getLogger(__name__)


class WriteAhead(Resource):
    """A write-ahead store and its lifetime. Enter it before use."""

    def __init__(self, store: WriteAheadStore, life: AbstractAsyncContextManager[object] | None = None) -> None:
        self.store = store
        self._life = life if life is not None else nullcontext()

    async def _enter(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self._life)

    async def record_end(self, end: AnswerFinished) -> None:
        """Record an end before it is sent. Never raises while the store is unavailable: the log has the end."""
        try:
            await self.store.record_end(end)
        except (Retryable, Unstorable) as error:
            log.warning("the end of %s is told before it is kept: %s", end.envelope.response_id, error)


class RecordingLookup:
    """An AnswerLookup on the log that records each end before it returns it."""

    def __init__(self, answers: AnswerLookup, record_end: RecordEnd) -> None:
        self._answers = answers
        self._record_end = record_end

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        known = await self._answers.find(tenant, response_id)
        if known.end is not None:
            await self._record_end(known.end)
        return known


def write_ahead_of(settings: Settings) -> WriteAhead:
    """Build the write-ahead store; NoWriteAhead where the broker is durable, or where Postgres is not configured.

    Raises ConfigurationError.
    """
    url = settings.postgres_url.get_secret_value()
    if not (settings.log_ends_with_broker and url):
        return WriteAhead(NoWriteAhead())
    acceptance = PostgresWriteAhead(url, settings.secrets, settings.log_incarnation)
    return WriteAhead(acceptance, acceptance)
