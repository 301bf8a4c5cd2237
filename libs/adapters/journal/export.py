"""Exports the journal of one tenant as verifiable lines of JSON; docs/audit.md describes the format."""

import base64
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg

from libs.adapters.journal.rows import chain_header
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import AS_TENANT, Session
from libs.core.chain import GENESIS, Checkpoint
from libs.core.database_roles import READER_ROLE
from libs.runtime.settings.role_passwords import PasswordSource

FORMAT = 2
_BATCH = 500
_RANGE = """
SELECT min(sequence) AS first, max(sequence) AS last FROM moe.chain JOIN moe.journal ON journal.id = row_id
WHERE chain.tenant = $1 AND received_us >= $2 AND received_us < $3
"""
_WHOLE = "SELECT min(sequence) AS first, max(sequence) AS last FROM moe.chain WHERE tenant = $1"
_SIGNED = """
SELECT coalesce(min(sequence) FILTER (WHERE sequence >= $3), max(sequence)) FROM moe.checkpoints
WHERE tenant = $1 AND sequence >= $2
"""
_PREVIOUS = "SELECT hash FROM moe.chain WHERE tenant = $1 AND sequence = $2"
_ROWS = """
SELECT sequence, hash, chain.tenant, log_id, topic, partition, "offset", timestamp_ms, received_us,
       event_id, response_id, schema, causation_id, commitment, salt, content
FROM moe.chain JOIN moe.journal ON journal.id = row_id
WHERE chain.tenant = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence
"""
_CHECKPOINTS = """
SELECT tenant, sequence, hash, at_ms, key, signature FROM moe.checkpoints
WHERE tenant = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Arrival times of rows, from inclusive, until exclusive, Unix time in microseconds. None: no bound."""

    since_us: int | None = None
    until_us: int | None = None


@dataclass
class JournalExport:
    """The shortest run of rows of a tenant that covers a period.

    It ends at the first checkpoint that covers the period, otherwise at the last checkpoint. `left_out` counts the rows
    after that; `include_unsigned` includes them. `rows` counts the exported rows.
    """

    tenant: str
    period: Period
    include_unsigned: bool = False
    rows: int = 0
    left_out: int = 0

    async def lines(self, url: str, passwords: PasswordSource) -> AsyncIterator[str]:
        """Yield a heading, rows with checkpoints between them, and an end.

        All lines show one state of the database; at most 500 rows are in memory. Raises ConfigurationError and
        PostgresUnavailable.
        """
        async with (
            logged_in(url, passwords, READER_ROLE) as session,
            session.transaction(isolation="repeatable_read", readonly=True),
        ):
            await session.execute(AS_TENANT, self.tenant)
            first, last = await self._range(session)
            head = await session.fetchval(_PREVIOUS, self.tenant, first - 1) or GENESIS
            heading = {"format": FORMAT, "tenant": self.tenant, "first": first, "previous": head.hex()}
            yield _line("export", heading)
            signed = 0
            for start in range(first, last + 1, _BATCH):
                stop = min(start + _BATCH - 1, last)
                rows = await session.fetch(_ROWS, self.tenant, start, stop)
                checkpoints = await session.fetch(_CHECKPOINTS, self.tenant, start, stop)
                for line in _interleaved(rows, checkpoints):
                    yield line
                self.rows, signed = self.rows + len(rows), signed + len(checkpoints)
                head = rows[-1]["hash"] if rows else head
            yield _line("end", {"sequence": last, "hash": head.hex(), "checkpoints": signed})

    async def _range(self, session: Session) -> tuple[int, int]:
        first, last = await _range(session, self.tenant, self.period)
        if self.include_unsigned:
            return first, last
        signed = await session.fetchval(_SIGNED, self.tenant, first, last) if last else None
        until = signed or first - 1
        self.left_out = max(0, last - until)
        return first, until


async def _range(session: Session, tenant: str, period: Period) -> tuple[int, int]:
    if period == Period():
        row = await session.fetchrow(_WHOLE, tenant)
    else:
        row = await session.fetchrow(_RANGE, tenant, period.since_us or 0, period.until_us or 2**63 - 1)
    if row is None or row["first"] is None:
        return 1, 0
    return row["first"], row["last"]


def _interleaved(rows: Sequence[asyncpg.Record], checkpoints: Sequence[asyncpg.Record]) -> list[str]:
    after = {row["sequence"]: row for row in checkpoints}
    lines = []
    for row in rows:
        lines.append(_row(row))
        if (checkpoint := after.get(row["sequence"])) is not None:
            lines.append(_checkpoint(checkpoint))
    return lines


def _row(row: asyncpg.Record) -> str:
    header = chain_header(row, row["sequence"])
    salt, content = row["salt"], row["content"]
    fields = {
        "header": json.loads(header.canonical()),
        "commitment": row["commitment"].hex(),
        "salt": None if salt is None else salt.hex(),
        "content": None if content is None else base64.b64encode(content).decode("ascii"),
        "hash": row["hash"].hex(),
    }
    return _line("row", fields)


def _checkpoint(row: asyncpg.Record) -> str:
    checkpoint = Checkpoint(row["tenant"], row["sequence"], row["hash"].hex(), row["at_ms"], row["key"].hex())
    return _line("checkpoint", {"fields": json.loads(checkpoint.canonical()), "signature": row["signature"].hex()})


def _line(kind: str, fields: dict[str, object]) -> str:
    return json.dumps({"kind": kind, **fields}, ensure_ascii=True, separators=(",", ":"))
