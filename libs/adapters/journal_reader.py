"""Reading the journal: rows are decrypted here and nowhere else."""

from collections.abc import Sequence

import asyncpg

from libs.adapters.journal_batch import AS_TENANT
from libs.adapters.journal_cipher import JournalSecrets, TenantKey, row_identity
from libs.adapters.journal_content import Content, expanded
from libs.adapters.journal_login import logged_in
from libs.adapters.postgres_role import AUDITOR_ROLE, READER_ROLE
from libs.contracts.catalogue import message_type
from libs.contracts.topics import AUDIT, DEAD_LETTERS
from libs.ports.journal import Claims, Journaled, JournalEntry, Owner, Position

_ROWS = """
SELECT log_id, topic, partition, "offset", timestamp_ms, received_us, journal.tenant, event_id, response_id, schema,
       causation_id, content, key_id, subject, wrapped
FROM moe.journal LEFT JOIN moe.subject_keys USING (key_id)
"""
_ORDER = ' ORDER BY timestamp_ms, log_id, topic, partition, "offset"'
_HISTORY = _ROWS + "WHERE response_id = $1" + _ORDER
_OF_SCHEMAS = _ROWS + "WHERE schema = ANY($1::text[]) AND timestamp_ms >= $2"
# The spelling of the index: rows of these topics alone are in it.
_OF_ACTS = _OF_SCHEMAS + " AND topic IN ('moe.pipeline.dead-letters.v1', 'moe.audit')"


class PostgresJournalReader:
    """A JournalReader: one read-only session per call, of one tenant, or of all for an operator."""

    def __init__(self, url: str, secrets: JournalSecrets) -> None:
        self._url = url
        self._secrets = secrets

    async def history(self, response_id: str, tenant: str | None = None) -> tuple[Journaled, ...]:
        """Return everything kept about one response. Raises ConfigurationError for a database without a journal."""
        return await self._rows(tenant, _HISTORY, response_id)

    async def of_schemas(
        self, schemas: Sequence[str], since_ms: int = 0, tenant: str | None = None
    ) -> tuple[Journaled, ...]:
        """Return the rows of some schemas from a moment on. Raises as `history` does."""
        query = (_OF_ACTS if _are_acts(schemas) else _OF_SCHEMAS) + _ORDER
        return await self._rows(tenant, query, list(schemas), since_ms)

    async def _rows(self, tenant: str | None, query: str, *arguments: str | int | list[str]) -> tuple[Journaled, ...]:
        role = AUDITOR_ROLE if tenant is None else READER_ROLE
        async with (
            logged_in(self._url, self._secrets.signing_key, role) as connection,
            connection.transaction(readonly=True),
        ):
            await connection.execute(AS_TENANT, tenant or "")
            rows = await connection.fetch(query, *arguments)
        opener = _Opener(self._secrets)
        return tuple(opener.journaled(row) for row in rows)


class _Opener:
    """Decrypts rows; derives each tenant's key once."""

    def __init__(self, secrets: JournalSecrets) -> None:
        self._secrets = secrets
        self._tenants: dict[str, TenantKey] = {}

    def journaled(self, row: asyncpg.Record) -> Journaled:
        place = Position(row["log_id"], row["topic"], row["partition"], row["offset"])
        content = self._content(row, place)
        found = content or Content(None, (), b"")
        entry = JournalEntry(
            position=place,
            timestamp_ms=row["timestamp_ms"],
            key=found.key,
            headers=found.headers,
            payload=found.payload,
            claims=_claims(row) if content is None else Claims.of(found.headers, found.key),
            owner=Owner(row["tenant"], row["subject"] or ""),
        )
        return Journaled(entry, row["received_us"] / 1_000_000, erased=content is None)

    def _content(self, row: asyncpg.Record, place: Position) -> Content | None:
        tenant, encrypted = row["tenant"], row["content"]
        if encrypted is None:
            return None
        if tenant not in self._tenants:
            self._tenants[tenant] = TenantKey(self._secrets, tenant)
        key = self._tenants[tenant].unwrap(row["key_id"], row["subject"], row["wrapped"])
        columns = (row["event_id"], row["response_id"], row["schema"], row["causation_id"])
        return expanded(key.decrypt(encrypted, row_identity(tenant, place)), columns)


def _claims(row: asyncpg.Record) -> Claims:
    return Claims(row["event_id"], row["response_id"], row["tenant"], row["schema"], row["causation_id"])


def _are_acts(schemas: Sequence[str]) -> bool:
    kinds = [message_type(schema) for schema in schemas]
    return all(kind is not None and set(kind.topics) <= {AUDIT, DEAD_LETTERS} for kind in kinds)
