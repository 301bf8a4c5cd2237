"""Reads the journal; the only place that decrypts its rows."""

from collections.abc import Sequence

import asyncpg

from libs.adapters.journal.bases import words_of
from libs.adapters.journal.cipher import SubjectKey, TenantKey, row_identity
from libs.adapters.journal.content import Content, expanded
from libs.adapters.journal.rows import position_of
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import AS_TENANT
from libs.contracts.catalogue import message_type
from libs.contracts.topics import AUDIT, DEAD_LETTERS
from libs.core.database_roles import AUDITOR_ROLE, READER_ROLE
from libs.ports.journal import Claims, Journaled, JournalEntry, Owner, Position
from libs.runtime.settings.journal_secrets import JournalSecrets

_ROWS = """
SELECT j.log_id, j.topic, j.partition, j."offset", j.timestamp_ms, j.received_us, j.tenant, j.event_id, j.response_id,
       j.schema, j.causation_id, j.content, j.key_id, k.subject, k.wrapped, b.log_id AS base_log_id,
       b.topic AS base_topic, b.partition AS base_partition, b."offset" AS base_offset, b.event_id AS base_event_id,
       b.response_id AS base_response_id, b.schema AS base_schema, b.causation_id AS base_causation_id,
       b.content AS base_content
FROM moe.journal j LEFT JOIN moe.subject_keys k USING (key_id) LEFT JOIN moe.journal b ON b.id = j.base_id
"""
_ORDER = ' ORDER BY j.timestamp_ms, j.log_id, j.topic, j.partition, j."offset"'
_LATEST_LOG = "SELECT log_id FROM moe.journal ORDER BY id DESC LIMIT 1"
_HISTORY = _ROWS + "WHERE j.response_id = $1" + _ORDER
_OF_SCHEMAS = _ROWS + "WHERE j.schema = ANY($1::text[]) AND j.timestamp_ms >= $2"
# Spelled exactly as in the partial index, which has only rows of these topics.
_OF_ACTS = _OF_SCHEMAS + " AND j.topic IN ('moe.pipeline.dead-letters.v1', 'moe.audit')"


class PostgresJournalReader:
    """A `JournalReader`: one read-only session per call, for one tenant, or for all tenants as an operator."""

    def __init__(self, url: str, secrets: JournalSecrets) -> None:
        self._url = url
        self._secrets = secrets

    async def history(self, response_id: str, tenant: str | None = None) -> tuple[Journaled, ...]:
        """All rows of one response. Raises ConfigurationError if the database has no journal."""
        return await self._rows(tenant, _HISTORY, response_id)

    async def of_schemas(
        self, schemas: Sequence[str], since_ms: int = 0, tenant: str | None = None
    ) -> tuple[Journaled, ...]:
        """Raises as `history` does."""
        query = (_OF_ACTS if _are_acts(schemas) else _OF_SCHEMAS) + _ORDER
        return await self._rows(tenant, query, list(schemas), since_ms)

    async def latest_log(self) -> str:
        """Empty if the journal is empty. Raises as `history` does."""
        rows = await self._fetched(None, _LATEST_LOG)
        return rows[0]["log_id"] if rows else ""

    async def _rows(self, tenant: str | None, query: str, *arguments: str | int | list[str]) -> tuple[Journaled, ...]:
        rows = await self._fetched(tenant, query, *arguments)
        opener = _Opener(self._secrets)
        return tuple(opener.journaled(row) for row in rows)

    async def _fetched(
        self, tenant: str | None, query: str, *arguments: str | int | list[str]
    ) -> Sequence[asyncpg.Record]:
        role = AUDITOR_ROLE if tenant is None else READER_ROLE
        async with (
            logged_in(self._url, self._secrets.passwords, role) as connection,
            connection.transaction(readonly=True),
        ):
            await connection.execute(AS_TENANT, tenant or "")
            return await connection.fetch(query, *arguments)


class _Opener:
    """Decrypts rows; derives each tenant's key once."""

    def __init__(self, secrets: JournalSecrets) -> None:
        self._secrets = secrets
        self._tenants: dict[str, TenantKey] = {}

    def journaled(self, row: asyncpg.Record) -> Journaled:
        content = self._content(row)
        found = content or Content(None, (), b"")
        entry = JournalEntry(
            position=position_of(row),
            timestamp_ms=row["timestamp_ms"],
            key=found.key,
            headers=found.headers,
            payload=found.payload,
            claims=_claims(row) if content is None else Claims.of(found.headers, found.key),
            owner=Owner(row["tenant"], row["subject"] or ""),
        )
        return Journaled(entry, row["received_us"] / 1_000_000, erased=content is None)

    def _content(self, row: asyncpg.Record) -> Content | None:
        tenant = row["tenant"]
        if row["content"] is None:
            return None
        if tenant not in self._tenants:
            self._tenants[tenant] = TenantKey(self._secrets, tenant)
        key = self._tenants[tenant].unwrap(row["key_id"], row["subject"], row["wrapped"])
        words = words_of(_opened(row, key, "base_", b"").payload) if row["base_content"] is not None else b""
        return _opened(row, key, "", words)


def _opened(row: asyncpg.Record, key: SubjectKey, prefix: str, words: bytes) -> Content:
    """Decrypt the content of a row or of its base; a result row holds both, distinguished by `prefix`."""
    log_id, topic, partition, offset = (row[prefix + name] for name in ("log_id", "topic", "partition", "offset"))
    identity = row_identity(row["tenant"], Position(log_id, topic, partition, offset))
    event_id, response_id = row[prefix + "event_id"], row[prefix + "response_id"]
    columns = (event_id, response_id, row[prefix + "schema"], row[prefix + "causation_id"])
    return expanded(key.decrypt(row[prefix + "content"], identity), columns, words)


def _claims(row: asyncpg.Record) -> Claims:
    return Claims(row["event_id"], row["response_id"], row["tenant"], row["schema"], row["causation_id"])


def _are_acts(schemas: Sequence[str]) -> bool:
    kinds = [message_type(schema) for schema in schemas]
    return all(kind is not None and set(kind.topics) <= {AUDIT, DEAD_LETTERS} for kind in kinds)
