"""Repairs a journal that was restored from a dump."""

from libs.adapters.postgres.sessions import DURABLY, Connection, Session

_IS_RESTORED = """
SELECT EXISTS (
    SELECT FROM moe.seals WHERE greatest(
        xact, (SELECT max(journal.xact) FROM moe.journal WHERE journal.shard = seals.shard)
    ) > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
)
"""
# Restored rows carry transaction ids that this cluster never had. Sealing follows transaction ids, so they would be
# sealed after all future rows.
# Sealed rows come before all others, the rest right after them. The locks exclude writers meanwhile.
_RENUMBER = """
LOCK TABLE moe.journal, moe.chain, moe.seals IN ACCESS EXCLUSIVE MODE;
ALTER TABLE moe.journal NO FORCE ROW LEVEL SECURITY;
ALTER TABLE moe.chain NO FORCE ROW LEVEL SECURITY;
UPDATE moe.journal SET xact = CASE WHEN EXISTS (SELECT FROM moe.chain WHERE row_id = id) THEN -1 ELSE 0 END;
UPDATE moe.seals SET xact = -1, row_id = 9223372036854775807;
ALTER TABLE moe.journal FORCE ROW LEVEL SECURITY;
ALTER TABLE moe.chain FORCE ROW LEVEL SECURITY;
"""


async def is_restored(session: Session) -> bool:
    """True if rows carry future transaction ids."""
    return bool(await session.fetchval(_IS_RESTORED))


async def renumber_if_restored(owner: Connection) -> bool:
    """Renumber a restored journal so that it can be sealed; return whether it was restored. Takes a full scan."""
    async with owner.transaction():
        if not await is_restored(owner):
            return False
        await owner.execute(f"SELECT {DURABLY}")
        await owner.execute(_RENUMBER)
    return True
