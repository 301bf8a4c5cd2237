"""Write-ahead store in Postgres."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

import asyncpg

from libs.adapters.journal.batch import SubjectKeyErased
from libs.adapters.journal.subject_keys import Subject, SubjectKeys
from libs.adapters.postgres.role_pool import RoleLogin, RolePool
from libs.adapters.postgres.sessions import AS_TENANT, AS_WRITER, PostgresUnavailable, Session
from libs.adapters.write_ahead.content import KINDS, WriteAheadMessage, event_of, sealed
from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.contracts.records import FeedbackGiven
from libs.core.batching import Batches, BatchLimits, Outcomes
from libs.core.clock import SystemClock
from libs.core.database_roles import WRITE_AHEAD_ROLE
from libs.core.errors import ConfigurationError
from libs.core.ids import accepted_at_of
from libs.core.resource import Resource
from libs.ports.write_ahead import Contribution
from libs.runtime.settings.journal_secrets import JournalSecrets

Row: TypeAlias = tuple[str, str, str, str, str, int, bytes, bytes]

_SETTINGS = {"application_name": "moe acceptance"}
_PAUSE_S = 0.1
_LINGER_S = 0.0005  # messages that arrive during a write share the next batch anyway
_INSERT = """
INSERT INTO moe.write_ahead (tenant, response_id, kind, event_id, log_id, key_id, tag, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""
_WITHDRAW = "DELETE FROM moe.write_ahead WHERE tenant = $1 AND response_id = $2"


@dataclass(frozen=True, slots=True)
class WriteAheadLimits:
    """`wait_s` bounds how long a client waits for an unavailable server."""

    batch: BatchLimits = field(default_factory=lambda: BatchLimits(items=200, linger_s=_LINGER_S))
    wait_s: float = 2.0


class PostgresWriteAhead(Resource):
    """Concurrent calls share an insert; each returns after its commit.

    Logs in at its first use: the journal creates the tables and the role. Messages of a data subject that was erased a
    moment ago are accepted without being stored, because none of them may be.
    """

    def __init__(self, url: str, secrets: JournalSecrets, log_id: str, limits: WriteAheadLimits | None = None) -> None:
        limits = limits or WriteAheadLimits()
        self._pool = RolePool(url, secrets.passwords, RoleLogin(WRITE_AHEAD_ROLE, _SETTINGS, sessions=2))
        self._log_id = log_id
        self._wait_s = limits.wait_s
        self._keys = SubjectKeys(secrets, SystemClock())
        self._batches = Batches(self._flush, _size_of, limits.batch)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self._pool.forget)
        await stack.enter_async_context(self._batches)

    async def record_request(self, opened: RequestOpened) -> None:
        await self._batches.submit(opened)

    async def record_end(self, finished: AnswerFinished) -> None:
        await self._batches.submit(finished)

    async def record_contribution(self, contribution: Contribution) -> None:
        await self._batches.submit(contribution)

    async def delete_request(self, opened: RequestOpened) -> None:
        tenant, response_id = opened.envelope.request
        async with self._pool.session(self._wait_s) as session, session.transaction():
            await session.execute(AS_TENANT, tenant)
            await session.execute(_WITHDRAW, tenant, response_id)

    async def _flush(self, messages: Sequence[WriteAheadMessage]) -> Outcomes:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._store_with_retries(messages)
        except TimeoutError as error:
            self._pool.forget()
            raise PostgresUnavailable(f"Postgres: no answer in {self._wait_s:g} s") from error
        return [None] * len(messages)

    async def _store_with_retries(self, messages: Sequence[WriteAheadMessage]) -> None:
        """Retries until the caller's timeout; storing twice changes nothing."""
        while True:
            try:
                return await self._store(messages)
            except SubjectKeyErased:
                continue
            except (PostgresUnavailable, ConfigurationError):  # the journal may be about to create the role
                pass
            await asyncio.sleep(_PAUSE_S)

    async def _store(self, messages: Sequence[WriteAheadMessage]) -> None:
        async with self._pool.session(self._wait_s) as session, session.transaction():
            for tenant, group in groupby(sorted(messages, key=_tenant_of), key=_tenant_of):
                await self._insert(session, tenant, tuple(group))

    async def _insert(self, session: Session, tenant: str, messages: Sequence[WriteAheadMessage]) -> None:
        await session.execute(AS_WRITER, tenant)
        times_of = {message.envelope.subject: _accepted_ms(message) for message in sorted(messages, key=_accepted_ms)}
        subjects = await self._keys.of(session, tenant, times_of)
        try:
            await session.executemany(_INSERT, [row for each in messages if (row := self._row(each, subjects))])
        except asyncpg.ForeignKeyViolationError as error:
            self._keys.forget(tenant, times_of)
            raise SubjectKeyErased from error

    def _row(self, message: WriteAheadMessage, subjects: Mapping[str, Subject]) -> Row | None:
        key = subjects[message.envelope.subject].key_for(_accepted_ms(message))
        if key is None:
            return None
        tag, content = key.fingerprint(message.body()), sealed(message, key)
        name = (*message.envelope.request, KINDS[type(message)], event_of(message))
        return *name, self._log_id, key.key_id, tag, content


def _tenant_of(message: WriteAheadMessage) -> str:
    return message.envelope.tenant


def _accepted_ms(message: WriteAheadMessage) -> int:
    said_at = message.ts if isinstance(message, FeedbackGiven) else accepted_at_of(message.envelope.response_id)
    return int(said_at * 1000)


def _size_of(message: WriteAheadMessage) -> int:
    return len(message.body())
