"""Chains written rows, one shard at a time under its lock."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from libs.adapters.journal.rows import chain_header
from libs.adapters.postgres.sessions import DURABLY, Session
from libs.core.chain import GENESIS, link

_LOCKS = 0x6D6F6553  # "moeS": the class of the advisory locks, one for each shard
_TURN = f"SELECT pg_try_advisory_xact_lock($1, $2), {DURABLY}"
_PENDING = """
SELECT shard FROM moe.seals WHERE EXISTS (
    SELECT FROM moe.journal WHERE journal.shard = seals.shard AND (xact, id) > (seals.xact, seals.row_id)
)
"""
_NEXT = """
SELECT journal.id, journal.xact, received_us, timestamp_ms, "offset", partition, tenant, log_id, topic,
       event_id, response_id, schema, causation_id, commitment
FROM moe.seals JOIN moe.journal ON journal.shard = seals.shard AND (journal.xact, id) > (seals.xact, seals.row_id)
WHERE seals.shard = $1 AND journal.xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY journal.shard, journal.xact, id LIMIT $2
"""
_HEADS = "SELECT tenant, sequence, hash FROM moe.heads WHERE tenant = ANY($1::text[])"
_CHAIN = """
INSERT INTO moe.chain (tenant, sequence, row_id, hash)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[])
"""
_SAVE_HEAD = """
INSERT INTO moe.heads AS head (tenant, sequence, hash, unsigned, unsigned_ms) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
    unsigned = head.unsigned + excluded.unsigned,
    unsigned_ms = CASE WHEN head.unsigned = 0 THEN excluded.unsigned_ms ELSE head.unsigned_ms END
"""
_SAVE_CURSOR = "UPDATE moe.seals SET xact = $2, row_id = $3 WHERE shard = $1"
_CHECKPOINT_SCHEMA = "chain-checkpointed.v1"


@dataclass(slots=True)
class _Head:
    sequence: int = 0
    hash: bytes = GENESIS
    unsigned: int = 0


@dataclass(frozen=True, slots=True)
class _Link:
    tenant: str
    sequence: int
    row_id: int
    hash: bytes


async def pending_shards(session: Session) -> list[int]:
    return [row["shard"] for row in await session.fetch(_PENDING)]


# Number and time of a row do not show when it became visible; its transaction does. No new row can appear below the
# oldest running transaction, so sealing proceeds up to there and skips no late committer.
async def seal_shard(session: Session, shard: int, limit: int, now_ms: int) -> int:
    """Seal up to `limit` rows of a shard and return how many; 0 if another process has the lock."""
    async with session.transaction():
        if not await session.fetchval(_TURN, _LOCKS, shard):
            return 0
        rows = await session.fetch(_NEXT, shard, limit)
        if not rows:
            return 0
        heads = await _heads(session, sorted({row["tenant"] for row in rows}))
        links = [_linked(row, heads[row["tenant"]]) for row in rows]
        await session.execute(_CHAIN, *_columns(links))
        await session.executemany(
            _SAVE_HEAD, [(tenant, head.sequence, head.hash, head.unsigned, now_ms) for tenant, head in heads.items()]
        )
        await session.execute(_SAVE_CURSOR, shard, rows[-1]["xact"], rows[-1]["id"])
    return len(rows)


async def _heads(session: Session, tenants: list[str]) -> dict[str, _Head]:
    known = {row["tenant"]: _Head(row["sequence"], row["hash"]) for row in await session.fetch(_HEADS, tenants)}
    return {tenant: known.get(tenant, _Head()) for tenant in tenants}


def _linked(row: asyncpg.Record, head: _Head) -> _Link:
    head.sequence += 1
    header = chain_header(row, head.sequence)
    head.hash = link(head.hash, header.canonical(), row["commitment"])
    # Published checkpoints are rows too: if they counted, each would trigger the next one, without end.
    head.unsigned += row["schema"] != _CHECKPOINT_SCHEMA
    return _Link(row["tenant"], head.sequence, row["id"], head.hash)


def _columns(links: Sequence[_Link]) -> tuple[list[str], list[int], list[int], list[bytes]]:
    return (
        [each.tenant for each in links],
        [each.sequence for each in links],
        [each.row_id for each in links],
        [each.hash for each in links],
    )
