"""Signs due checkpoints; publishes checkpoints and audit acts on the public topic."""

from dataclasses import dataclass

import asyncpg

from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.postgres.sessions import DURABLY_FOUND, Session, answered_within
from libs.contracts.audit import AuditRecorded
from libs.contracts.checkpoint import ChainCheckpointed
from libs.contracts.origin import Origin
from libs.core.chain import Checkpoint
from libs.ports.bus import Publisher

ANSWER_S = 30.0  # a lost server never answers, unlike one that was stopped
_DURABLY = f"SELECT {DURABLY_FOUND}"
_DUE = """
SELECT tenant, sequence, hash FROM moe.heads
WHERE unsigned >= $1 OR (unsigned > 0 AND (unsigned_ms <= $2 OR unsigned_ms >= $3))
ORDER BY tenant LIMIT 100 FOR UPDATE SKIP LOCKED
"""
_KEEP = "INSERT INTO moe.checkpoints (tenant, sequence, hash, at_ms, key, signature) VALUES ($1, $2, $3, $4, $5, $6)"
_SIGNED = "UPDATE moe.heads SET unsigned = 0 WHERE tenant = $1"
_UNPUBLISHED = "SELECT tenant, sequence, hash, at_ms, key, signature FROM moe.checkpoints WHERE NOT said LIMIT 100"
_SAID = "UPDATE moe.checkpoints SET said = true WHERE tenant = $1 AND sequence = $2"
_ACTS = (
    "SELECT act_id, tenant, action, actor, target, reason, detail, at_ms FROM moe.audit_outbox ORDER BY at_ms LIMIT 100"
)
_TOLD = "DELETE FROM moe.audit_outbox WHERE act_id = $1"


@dataclass(frozen=True, slots=True)
class CheckpointRule:
    """A checkpoint is due after `rows` rows, or `seconds` after the first row that no checkpoint covers."""

    rows: int = 1000
    seconds: float = 60.0


async def sign_due(session: Session, signer: CheckpointSigner, rule: CheckpointRule, now_ms: int) -> int:
    """Sign the due heads and return how many. Two processes never sign the same head.

    A row with a future timestamp was sealed before the clock was set back. It is due at once, rather than late by the
    clock step.
    """
    wait_ms = int(rule.seconds * 1000)
    async with session.transaction():
        due = await session.fetch(_DUE, rule.rows, now_ms - wait_ms, now_ms + wait_ms)
        if due:
            await session.execute(_DURABLY)
        for row in due:
            head = Checkpoint(row["tenant"], row["sequence"], row["hash"].hex(), now_ms, "")
            checkpoint, signature = signer.signed(head)
            key = bytes.fromhex(checkpoint.key)
            await session.execute(_KEEP, head.tenant, head.sequence, row["hash"], now_ms, key, signature)
            await session.execute(_SIGNED, head.tenant)
    return len(due)


async def publish_all(session: Session, publisher: Publisher) -> int:
    """Publish unpublished checkpoints and acts; return how many. Republished messages keep their ids."""
    async with answered_within(ANSWER_S, session), session.transaction():
        checkpoints = await session.fetch(_UNPUBLISHED)
        acts = await session.fetch(_ACTS)
        if not checkpoints and not acts:
            return 0
        await session.execute(_DURABLY)  # published records must survive a crash of this server
    await publisher.publish(*map(_checkpoint, checkpoints), *map(_act, acts))
    async with answered_within(ANSWER_S, session):
        await session.executemany(_SAID, [(row["tenant"], row["sequence"]) for row in checkpoints])
        await session.executemany(_TOLD, [(row["act_id"],) for row in acts])
    return len(checkpoints) + len(acts)


def _checkpoint(row: asyncpg.Record) -> ChainCheckpointed:
    checkpoint = Checkpoint(row["tenant"], row["sequence"], row["hash"].hex(), row["at_ms"], row["key"].hex())
    return ChainCheckpointed.of(checkpoint, row["signature"].hex())


def _act(row: asyncpg.Record) -> AuditRecorded:
    recorded = AuditRecorded(
        action=row["action"],
        actor=row["actor"],
        target=row["target"],
        reason=row["reason"],
        detail=row["detail"],
        ts=row["at_ms"] / 1000,
    )
    return recorded.opening(Origin.system(f"act/{row['act_id']}", row["tenant"]))
