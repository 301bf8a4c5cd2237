"""Recovery store in Postgres: write-ahead records of all tenants whose log is lost, or whose request has ended."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from pydantic import ValidationError

from libs.adapters.journal.cipher import SubjectKey, TenantKey
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import Session
from libs.adapters.write_ahead.content import KINDS, M, contributed_again, opened_again
from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import MalformedEnvelope
from libs.contracts.progress import RequestOpened
from libs.contracts.records import FeedbackGiven, KnowledgeOffered, RequestLogged
from libs.contracts.topics import ANSWER_FINISHED, REQUESTS
from libs.core.database_roles import RESTORER_ROLE
from libs.ports.write_ahead import Contribution, PendingRequest
from libs.runtime.settings.journal_secrets import JournalSecrets

# A running fleet holds the lock of its log. A fleet that acquires the lock of another log may restore from that log.
_LOCK_SPACE = 7305063
ANSWER_S = 60.0  # a lost server, unlike a stopped one, never answers
_LIVE = f"SELECT pg_advisory_lock_shared({_LOCK_SPACE}, hashtext($1))"
_OTHERS = "SELECT DISTINCT log_id FROM moe.write_ahead WHERE log_id <> $1"
_CLAIM = f"SELECT pg_try_advisory_lock({_LOCK_SPACE}, hashtext($1))"
_LOST = """
SELECT o.tenant, o.response_id, o.times, o.content AS opened, o.key_id AS opened_key_id, k.subject, k.wrapped,
       e.content AS ended, e.key_id AS ended_key_id, f.wrapped AS ended_wrapped
FROM moe.write_ahead o JOIN moe.subject_keys k USING (key_id)
LEFT JOIN moe.write_ahead e ON (e.tenant, e.response_id, e.kind) = (o.tenant, o.response_id, 'ended')
LEFT JOIN moe.subject_keys f ON f.key_id = e.key_id
WHERE o.kind = 'opened' AND o.log_id = ANY($1::text[]) ORDER BY o.kept_at LIMIT $2
"""
_MOVED = """
UPDATE moe.write_ahead SET log_id = $3, times = $4 WHERE tenant = $1 AND response_id = $2 AND kind <> 'contributed'
"""
# The journal has the end that the client received, and the final record, which arrives at once or never.
_OVER = """
DELETE FROM moe.write_ahead WHERE (tenant, response_id) IN (
    SELECT a.tenant, a.response_id FROM moe.write_ahead a
    LEFT JOIN moe.journal j ON j.response_id = a.response_id AND j.tenant = a.tenant
        AND j.topic = $2 AND j.schema = $3
        AND (a.kind = 'opened' OR j.tag IS NULL OR j.tag = a.tag OR a.kept_at < now() - interval '1 hour')
    LEFT JOIN moe.journal w ON w.response_id = a.response_id AND w.tenant = a.tenant
        AND w.topic = $4 AND w.schema = $5
    WHERE a.log_id = $1 AND a.kind <> 'contributed'
    GROUP BY a.tenant, a.response_id
    HAVING count(DISTINCT a.kind) = count(DISTINCT a.kind) FILTER (WHERE j.tenant IS NOT NULL)
    AND (count(w.tenant) > 0 OR max(j.received_us) < extract(epoch FROM now() - interval '1 minute') * 1000000)
) AND kind <> 'contributed'
"""
_HEARD = """EXISTS (
    SELECT FROM moe.journal j
    WHERE (j.response_id, j.tenant, j.event_id) = (a.response_id, a.tenant, a.event_id) AND j.topic = ANY($1::text[])
)"""
_UNJOURNALED = f"""
SELECT a.tenant, a.response_id, a.event_id, a.content, a.key_id, k.subject, k.wrapped
FROM moe.write_ahead a JOIN moe.subject_keys k USING (key_id)
WHERE a.kind = 'contributed' AND a.log_id = ANY($2::text[]) AND NOT {_HEARD} ORDER BY a.kept_at LIMIT $3
"""
_SAID_AGAIN = """
UPDATE moe.write_ahead SET log_id = $4, times = times + 1
WHERE tenant = $1 AND response_id = $2 AND event_id = $3 AND kind = 'contributed'
"""
_DELETE_JOURNALED = f"DELETE FROM moe.write_ahead a WHERE a.kind = 'contributed' AND {_HEARD}"
_UNREADABLE = (ValidationError, MalformedEnvelope)

log = logging.getLogger(__name__)
_CONTRIBUTED_ON = [topic.name for contract in (FeedbackGiven, KnowledgeOffered) for topic in contract.topics]


class PostgresRecoveryStore:
    """Uses one session of the restorer's role, which holds the lock of `log_id`."""

    def __init__(self, session: Session, secrets: JournalSecrets, log_id: str) -> None:
        self._session = session
        self._secrets = secrets
        self._log_id = log_id
        self._claimed: set[str] = set()
        self._tenants: dict[str, TenantKey] = {}

    async def find_lost(self, limit: int) -> Sequence[PendingRequest]:
        dead = await self._dead_logs()
        while dead and (rows := await self._session.fetch(_LOST, dead, limit)):
            if readable := [each for row in rows if (each := await self._readable(row)) is not None]:
                return readable
        return []

    async def mark_moved(self, request: PendingRequest) -> None:
        await self._session.execute(_MOVED, *request.opened.envelope.request, self._log_id, request.times + 1)

    async def unjournaled(self, limit: int) -> Sequence[Contribution]:
        dead = await self._dead_logs()
        while dead and (rows := await self._session.fetch(_UNJOURNALED, _CONTRIBUTED_ON, dead, limit)):
            if found := [each for row in rows if (each := await self._readable_contribution(row)) is not None]:
                return found
        return []

    async def mark_republished(self, contribution: Contribution) -> None:
        envelope = contribution.envelope
        await self._session.execute(_SAID_AGAIN, *envelope.request, envelope.event_id, self._log_id)

    async def delete_ended(self) -> int:
        places = (ANSWER_FINISHED.name, AnswerFinished.schema_name(), REQUESTS.name, RequestLogged.schema_name())
        ended: str = await self._session.execute(_OVER, self._log_id, *places)
        contributions: str = await self._session.execute(_DELETE_JOURNALED, _CONTRIBUTED_ON)
        return sum(int(status.rsplit(" ", 1)[1]) for status in (ended, contributions))

    async def _dead_logs(self) -> Sequence[str]:
        """Logs of fleets that no longer run, each locked by this session."""
        others = [row["log_id"] for row in await self._session.fetch(_OTHERS, self._log_id)]
        for log_id in others:
            if log_id not in self._claimed and await self._session.fetchval(_CLAIM, log_id):
                self._claimed.add(log_id)
        return [log_id for log_id in others if log_id in self._claimed]

    async def _readable(self, row: asyncpg.Record) -> PendingRequest | None:
        """Marks an unreadable request as moved, so that it is not found again and again."""
        try:
            return self._pending_request(row)
        except _UNREADABLE as error:
            log.error("%s cannot be restored: what was kept is no message (%s)", row["response_id"], _name(error))
        await self._session.execute(_MOVED, row["tenant"], row["response_id"], self._log_id, row["times"] + 1)
        return None

    async def _readable_contribution(self, row: asyncpg.Record) -> Contribution | None:
        try:
            return self._contribution(row)
        except _UNREADABLE as error:
            log.error("%s is not said again: what was kept is no message (%s)", row["response_id"], _name(error))
        await self._session.execute(_SAID_AGAIN, row["tenant"], row["response_id"], row["event_id"], self._log_id)
        return None

    def _contribution(self, row: asyncpg.Record) -> Contribution:
        request, key = (row["tenant"], row["response_id"]), self._key(row, row["key_id"], row["wrapped"])
        return contributed_again(request, row["event_id"], row["content"], key)

    def _pending_request(self, row: asyncpg.Record) -> PendingRequest:
        opened = self._message(RequestOpened, row, self._key(row, row["opened_key_id"], row["wrapped"]))
        if row["ended"] is None:
            return PendingRequest(opened, row["times"])
        key = self._key(row, row["ended_key_id"], row["ended_wrapped"])
        return PendingRequest(opened, row["times"], self._message(AnswerFinished, row, key))

    def _message(self, contract: type[M], row: asyncpg.Record, key: SubjectKey) -> M:
        return opened_again(contract, (row["tenant"], row["response_id"]), row[KINDS[contract]], key)

    def _key(self, row: asyncpg.Record, key_id: int, wrapped: bytes) -> SubjectKey:
        tenant = row["tenant"]
        if tenant not in self._tenants:
            self._tenants[tenant] = TenantKey(self._secrets, tenant)
        return self._tenants[tenant].unwrap(key_id, row["subject"], wrapped)


def _name(error: Exception) -> str:
    return type(error).__name__


@asynccontextmanager
async def open_recovery_store(url: str, secrets: JournalSecrets, log_id: str) -> AsyncIterator[PostgresRecoveryStore]:
    """Hold the lock of `log_id` for the block, which marks the log as alive. Raises as `logged_in` does."""
    async with logged_in(url, secrets.passwords, RESTORER_ROLE, answer_s=ANSWER_S) as session:
        await session.execute(_LIVE, log_id)
        yield PostgresRecoveryStore(session, secrets, log_id)
