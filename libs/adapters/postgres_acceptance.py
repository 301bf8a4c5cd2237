"""Accepted requests in Postgres: concurrent ones share an insert, and nobody is answered before it is committed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import TracebackType
from typing import Self, TypeAlias

import asyncpg

from libs.adapters.accepted_content import KINDS, sealed
from libs.adapters.batches import Batches, BatchLimits, Outcomes
from libs.adapters.journal_batch import AS_TENANT, KeyGone
from libs.adapters.journal_cipher import JournalSecrets
from libs.adapters.journal_subjects import Subject, SubjectKeys
from libs.adapters.postgres import (
    CONNECT_TIMEOUT_S,
    Pool,
    PostgresUnavailable,
    Session,
    checked_address,
    hung_up_when_cancelled,
    translated,
)
from libs.adapters.postgres_role import ACCEPTOR_ROLE, derived_password
from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.core.clock import SystemClock
from libs.core.errors import ConfigurationError
from libs.core.ids import accepted_at_of

Kept: TypeAlias = RequestOpened | AnswerFinished
Row: TypeAlias = tuple[str, str, str, str, int, bytes, bytes]

_SETTINGS = {"application_name": "moe acceptance", "synchronous_commit": "on"}
_PAUSE_S = 0.1
_LINGER_S = 0.0005  # whatever comes while a batch is on its way shares the next one anyway
_INSERT = """
INSERT INTO moe.accepted (tenant, response_id, kind, log_id, key_id, tag, content)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_WITHDRAW = "DELETE FROM moe.accepted WHERE tenant = $1 AND response_id = $2"


@dataclass(frozen=True, slots=True)
class AcceptanceLimits:
    """`wait_s` bounds how long a client waits for a server that is away."""

    batch: BatchLimits = field(default_factory=lambda: BatchLimits(items=200, linger_s=_LINGER_S))
    wait_s: float = 2.0


class PostgresAcceptance:
    """An Acceptance. It logs in at its first use: the journal makes the tables and the role.

    Who was erased a moment ago is accepted without being kept, because nothing of theirs may be.
    """

    def __init__(self, url: str, secrets: JournalSecrets, log_id: str, limits: AcceptanceLimits | None = None) -> None:
        limits = limits or AcceptanceLimits()
        self._url = checked_address(url)
        self._password = derived_password(secrets.signing_key, ACCEPTOR_ROLE)
        self._log_id = log_id
        self._wait_s = limits.wait_s
        self._keys = SubjectKeys(secrets, SystemClock())
        self._batches = Batches(self._flush, _size_of, limits.batch)
        self._pool: Pool | None = None

    async def __aenter__(self) -> Self:
        await self._batches.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._batches.__aexit__(kind, error, trace)
        self._forget_pool()

    async def accept(self, opened: RequestOpened) -> None:
        """See the port."""
        await self._batches.submit(opened)

    async def end(self, finished: AnswerFinished) -> None:
        """See the port."""
        await self._batches.submit(finished)

    async def withdraw(self, opened: RequestOpened) -> None:
        """See the port."""
        tenant, response_id = opened.envelope.request
        with translated():
            async with (
                asyncio.timeout(self._wait_s),
                (await self._opened()).acquire() as connection,
                connection.transaction(),
            ):
                await connection.execute(AS_TENANT, tenant)
                await connection.execute(_WITHDRAW, tenant, response_id)

    async def _flush(self, messages: Sequence[Kept]) -> Outcomes:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._store_patiently(messages)
        except TimeoutError as error:
            self._forget_pool()
            raise PostgresUnavailable(f"Postgres: no answer in {self._wait_s:g} s") from error
        return [None] * len(messages)

    async def _store_patiently(self, messages: Sequence[Kept]) -> None:
        """Store, again and again until the caller's patience ends; storing twice changes nothing."""
        while True:
            try:
                return await self._store(messages)
            except KeyGone:
                continue
            except (PostgresUnavailable, ConfigurationError):  # the journal may be about to make the role
                self._forget_pool()
            await asyncio.sleep(_PAUSE_S)

    async def _store(self, messages: Sequence[Kept]) -> None:
        pool = await self._opened()
        with translated():
            async with pool.acquire(timeout=CONNECT_TIMEOUT_S) as connection:
                with hung_up_when_cancelled(connection):
                    async with connection.transaction():
                        for tenant, group in groupby(sorted(messages, key=_tenant_of), key=_tenant_of):
                            await self._insert(connection, tenant, tuple(group))

    async def _insert(self, session: Session, tenant: str, messages: Sequence[Kept]) -> None:
        await session.execute(AS_TENANT, tenant)
        said = {message.envelope.subject: _said_ms(message) for message in sorted(messages, key=_said_ms)}
        subjects = await self._keys.of(session, tenant, said)
        try:
            await session.executemany(_INSERT, [row for each in messages if (row := self._row(each, subjects))])
        except asyncpg.ForeignKeyViolationError as error:
            self._keys.forget(tenant, said)
            raise KeyGone from error

    def _row(self, message: Kept, subjects: Mapping[str, Subject]) -> Row | None:
        key = subjects[message.envelope.subject].key_for(_said_ms(message))
        if key is None:
            return None
        tag, content = key.fingerprint(message.body()), sealed(message, key)
        return *message.envelope.request, KINDS[type(message)], self._log_id, key.key_id, tag, content

    async def _opened(self) -> Pool:
        if self._pool is None:
            with translated():
                self._pool = await asyncpg.create_pool(
                    self._url,
                    user=ACCEPTOR_ROLE,
                    password=self._password,
                    min_size=1,
                    max_size=2,
                    timeout=CONNECT_TIMEOUT_S,
                    server_settings=_SETTINGS,
                )
        return self._pool

    def _forget_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()


def _tenant_of(message: Kept) -> str:
    return message.envelope.tenant


def _said_ms(message: Kept) -> int:
    return int(accepted_at_of(message.envelope.response_id) * 1000)


def _size_of(message: Kept) -> int:
    return len(message.body())
