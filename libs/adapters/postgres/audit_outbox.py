"""Acts of operators in the audit outbox, from which the journal publishes them to `moe.audit`."""

from dataclasses import dataclass

from libs.adapters.postgres.sessions import Session

_INSERT = "INSERT INTO moe.audit_outbox (tenant, action, actor, target, reason, detail) VALUES ($1, $2, $3, $4, $5, $6)"


@dataclass(frozen=True, slots=True)
class AuditAct:
    """The fields of `AuditRecorded`. `detail` must not name a person."""

    tenant: str
    action: str
    actor: str
    target: str
    reason: str = ""
    detail: str = ""


async def record_act(session: Session, act: AuditAct) -> None:
    """Writes in the caller's transaction; not idempotent."""
    await session.execute(_INSERT, act.tenant, act.action, act.actor, act.target, act.reason, act.detail)
