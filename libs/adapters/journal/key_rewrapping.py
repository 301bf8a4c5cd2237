"""Rotates the journal's root: rewraps every subject's key. Content stays encrypted under those keys."""

import logging

from libs.adapters.journal.cipher import TenantKey
from libs.adapters.postgres.audit_outbox import AuditAct, record_act
from libs.adapters.postgres.login import logged_in
from libs.core.database_roles import KEY_ROTATOR_ROLE
from libs.core.errors import ConfigurationError
from libs.core.ids import SYSTEM_TENANT
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.runtime.settings.role_passwords import PasswordSource

_BATCH = 500

log = logging.getLogger(__name__)
_AFTER = "SELECT key_id, tenant, subject, wrapped FROM moe.subject_keys WHERE key_id > $1 ORDER BY key_id LIMIT $2"
# Skips a key that was destroyed or rewrapped in the meantime.
_REPLACE = "UPDATE moe.subject_keys SET wrapped = $2 WHERE key_id = $1 AND wrapped = $3"


async def rewrap_keys(url: str, secrets: JournalSecrets, actor: str) -> int:
    """Rewrap every key under the current root and return how many changed.

    Idempotent; safe beside a running fleet. Every process that reads the journal must know the current root by then.
    Raises UnreadableContent for a key under an unknown root, ConfigurationError and PostgresUnavailable.
    """
    tenants: dict[str, TenantKey] = {}
    last, rewrapped = -1, 0
    async with logged_in(url, secrets.passwords, KEY_ROTATOR_ROLE) as session:
        while rows := await session.fetch(_AFTER, last, _BATCH):
            last = rows[-1]["key_id"]
            changes = []
            for row in rows:
                key = tenants.setdefault(row["tenant"], TenantKey(secrets, row["tenant"]))
                if (fresh := key.rewrapped(row["subject"], row["wrapped"])) is not None:
                    changes.append((row["key_id"], fresh, row["wrapped"]))
            await session.executemany(_REPLACE, changes)
            rewrapped += len(changes)
        if rewrapped:
            detail = f"{rewrapped} keys"
            await record_act(session, AuditAct(SYSTEM_TENANT, "keys-rewrapped", actor, target="journal", detail=detail))
    return rewrapped


async def record_rotation(url: str, passwords: PasswordSource, act: AuditAct) -> None:
    """Record the rotation of a root key for moe.audit.

    Raises ConfigurationError and PostgresUnavailable.
    """
    async with logged_in(url, passwords, KEY_ROTATOR_ROLE) as session:
        await record_act(session, act)


async def rewrap_after_rotation(url: str, secrets: JournalSecrets) -> None:
    """Rewrap the keys at start if this role may and an earlier root is configured. Raises PostgresUnavailable."""
    passwords = secrets.passwords
    may = isinstance(passwords, str) or KEY_ROTATOR_ROLE in passwords.known
    if not (may and secrets.keys.before):
        return
    try:
        if count := await rewrap_keys(url, secrets, "journal"):
            log.info("wrapped the keys of %d subjects under the new MOE_JOURNAL_KEY", count)
    except ConfigurationError as error:
        log.warning("the keys of subjects are not wrapped anew: %s", error)
