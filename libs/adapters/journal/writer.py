"""Writes the journal in Postgres; concurrent appends share one insert."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from libs.adapters.journal.bases import Bases
from libs.adapters.journal.batch import Batch, SubjectKeyErased
from libs.adapters.journal.key_rewrapping import rewrap_after_rotation
from libs.adapters.journal.pool import open_journal_pool
from libs.adapters.journal.subject_keys import SubjectKeys
from libs.adapters.postgres.sessions import (
    CONNECT_TIMEOUT_S,
    Pool,
    PostgresUnavailable,
    hung_up_when_cancelled,
    translated,
)
from libs.core.batching import Batches, BatchLimits, Outcomes
from libs.core.clock import SystemClock
from libs.core.errors import ConfigurationError, FleetError
from libs.core.resource import Resource
from libs.ports.journal import JournalEntry
from libs.runtime.settings.journal_secrets import JournalSecrets

_FIRST_PAUSE_S = 0.05
_LAST_PAUSE_S = 1.0
_ROW_OVERHEAD = 512  # bytes: position, claims and header names, roughly


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """`wait_s` bounds the retries of a batch while the server is unavailable."""

    batch: BatchLimits = field(default_factory=BatchLimits)
    wait_s: float = 5.0


class PostgresJournal(Resource):
    """A `JournalWriter`. Enter it before use. An unavailable server is retried with every batch."""

    def __init__(self, url: str, secrets: JournalSecrets, limits: JournalLimits | None = None) -> None:
        limits = limits or JournalLimits()
        self._url = url
        self._secrets = secrets
        self._keys = SubjectKeys(secrets, SystemClock())
        self._bases = Bases()
        self._wait_s = limits.wait_s
        self._batches = Batches(self._flush, _size_of, limits.batch)
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    async def _enter(self, stack: AsyncExitStack) -> None:
        """Raises ConfigurationError; an unavailable server is no error yet."""
        stack.callback(self._forget_pool)
        try:
            await self.pool()
        except PostgresUnavailable:
            self._forget_pool()
        await stack.enter_async_context(self._batches)

    async def append(self, entry: JournalEntry) -> None:
        await self._batches.submit(entry)

    async def problem(self) -> str | None:
        """The problem of the store in one line; None if it works."""
        try:
            pool = await self.pool()
            with translated():
                async with asyncio.timeout(CONNECT_TIMEOUT_S), pool.acquire(timeout=CONNECT_TIMEOUT_S) as connection:
                    await connection.execute("SELECT 1")
        except FleetError as error:
            return str(error)
        return None

    async def pool(self) -> Pool:
        """The pool of all writes, opened at first use. Raises ConfigurationError and PostgresUnavailable."""
        async with self._opening:
            if self._pool is None:
                self._pool = await open_journal_pool(self._url, self._secrets.passwords)
                await rewrap_after_rotation(self._url, self._secrets)
            return self._pool

    async def _flush(self, entries: Sequence[JournalEntry]) -> Outcomes:
        try:
            async with asyncio.timeout(self._wait_s):
                return await self._store_patiently(entries)
        except TimeoutError as error:
            self._forget_pool()
            raise PostgresUnavailable(f"Postgres: no answer in {self._wait_s:g} s") from error
        except ConfigurationError as error:  # the operator must fix it; the record must not be dropped
            raise PostgresUnavailable(str(error)) from error

    async def _store_patiently(self, entries: Sequence[JournalEntry]) -> Outcomes:
        """Retry with backoff while the server is unavailable; safe because storing is idempotent."""
        pause_s = _FIRST_PAUSE_S
        until = asyncio.get_running_loop().time() + self._wait_s
        while True:
            try:
                return await self._store(entries)
            except PostgresUnavailable:
                self._forget_pool()
                if asyncio.get_running_loop().time() + pause_s >= until:
                    raise
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LAST_PAUSE_S)

    async def _store(self, entries: Sequence[JournalEntry]) -> Outcomes:
        pool = await self.pool()
        with translated():
            async with pool.acquire(timeout=CONNECT_TIMEOUT_S) as connection:
                with hung_up_when_cancelled(connection):
                    while True:
                        try:
                            return await Batch(connection, self._keys, self._bases).stored(entries)
                        except SubjectKeyErased:  # the next look-up returns the subject's current state
                            continue

    def _forget_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()


def _size_of(entry: JournalEntry) -> int:
    return len(entry.payload) + sum(len(value) for _, value in entry.headers) + _ROW_OVERHEAD
