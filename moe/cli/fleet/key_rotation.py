"""Rotation of the root keys: changed variables, required restarts, audit."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import click

from libs.core.errors import ConfigurationError, Retryable
from libs.core.ids import SYSTEM_TENANT
from libs.core.key_roots import (
    AUDIT,
    DATABASE,
    DOWNLOADS,
    ENVELOPES,
    JOURNAL,
    NOTES,
    PSEUDONYMS,
    ROOTS,
    KeyRoot,
    RootKeys,
    key_id,
)
from libs.core.key_strength import new_secret_key
from libs.runtime.settings import ProcessSettings
from libs.runtime.settings.role_passwords import VARIABLE as PASSWORDS
from libs.runtime.settings.role_passwords import RolePasswords
from moe.cli.context.key_holders import roles_of, roots_of
from moe.cli.context.root_keys import RootKeySettings, root_keys, store_keys, stored_keys, variables_of_roots
from moe.registry import SERVICES

Step: TypeAlias = Literal["announce", "use", "retire"]
# Data made under these keys stays: older content, checkpoints and pseudonyms must be found and verified.
_NEVER_RETIRED = (JOURNAL, AUDIT, PSEUDONYMS)
_THEN = {
    ENVELOPES: "restart every service",
    DATABASE: "run `moe migrate` as the owner, then restart gateway, mcp and journal",
    JOURNAL: "restart gateway and journal; `moe migrate` as the owner then wraps the journal's keys anew",
    AUDIT: "restart journal; give auditors the new public key beside the old one (`moe audit key`)",
    PSEUDONYMS: "restart gateway",
    NOTES: "restart gateway; known answers and conversations noted in Valkey are forgotten",
    DOWNLOADS: "restart mcp",
}


@dataclass(frozen=True)
class Rotation:
    """`variables` are to be set where the key is configured; empty where it is in the data directory."""

    root: KeyRoot
    step: Step
    keys: RootKeys = field(repr=False)
    variables: dict[str, str] = field(repr=False)
    dry_run: bool
    audited: bool

    def as_json(self) -> dict[str, object]:
        """Contains no key."""
        return {
            "root": self.root.name,
            "step": self.step,
            "key_id": _id(self.keys.current),
            "also_accepted": [_id(key) for key in self.keys.others],
            "then": _THEN[self.root],
            "dry_run": self.dry_run,
            "audited": self.audited,
        }

    def as_text(self) -> Iterator[str]:
        """Yield lines for people. Contains no key."""
        others = ", ".join(_id(key) for key in self.keys.others) or "none"
        yield f"{self.root.name}: {'would use' if self.dry_run else 'uses'} {_id(self.keys.current)}, accepts {others}"
        yield f"then: {_THEN[self.root]}"
        if not (self.audited or self.dry_run):
            yield "not audited: the database cannot be reached"


async def rotated(name: str, step: Step, operator: str, *, dry_run: bool) -> Rotation:
    """Rotate one root by a step. Raises ConfigurationError and click.UsageError."""
    root = next((root for root in ROOTS if root.name == name), None)
    if root is None:
        raise click.UsageError(f"there is no root {name!r}; there are: {', '.join(root.name for root in ROOTS)}")
    if step == "retire" and root in _NEVER_RETIRED:
        raise click.UsageError(f"previous keys of {name} are needed for as long as what was made with them is kept")
    data_dir = ProcessSettings.read().data_dir
    configured = bool(RootKeySettings.read().keys_of(root).current)
    keys = after(step, root_keys(root), new_secret_key())
    if dry_run:
        return Rotation(root, step, keys, {}, dry_run=True, audited=False)
    if not configured:
        store_keys(root, data_dir, keys)
    done = Rotation(root, step, keys, _variables(root, keys) if configured else {}, dry_run=False, audited=False)
    audited = await _audited(done, operator)
    return Rotation(root, step, keys, done.variables, dry_run=False, audited=audited)


def after(step: Step, keys: RootKeys, fresh: str) -> RootKeys:
    """Keys after a step; an announced key takes precedence over a fresh one."""
    if step == "announce":
        return RootKeys(keys.current, keys.before, keys.after or fresh)
    if step == "retire":
        return RootKeys(keys.current, (), keys.after)
    return RootKeys(keys.after or fresh, (keys.current, *keys.before))


def ids_of(service: str) -> dict[str, list[str]]:
    """Key ids by root, the current one first; those of a service, or all."""
    found: dict[str, list[str]] = {}
    for root in roots_of(service) if service else ROOTS:
        found[root.name] = []
        with suppress(ConfigurationError):
            found[root.name] = [_id(key) for key in root_keys(root).all]
    return found


def variables_for(service: str) -> dict[str, str]:
    """Variables that a service needs, or all of them. Raises ConfigurationError."""
    if service and service not in SERVICES:
        raise click.UsageError(f"there is no service {service!r}")
    held = [root for root in (roots_of(service) if service else ROOTS) if not (service and root == DATABASE)]
    found = variables_of_roots({root: root_keys(root) for root in held})
    if service and (roles := roles_of(service)):
        found[PASSWORDS] = RolePasswords.derived(root_keys(DATABASE)).only(roles).as_text()
    return found


def split() -> dict[str, str]:
    """Variables of all roots for an installation with MOE_SIGNING_KEY alone. Raises ConfigurationError."""
    settings = RootKeySettings.read()
    data_dir = ProcessSettings.read().data_dir
    old = settings.envelope_keys if settings.signing_key.get_secret_value() else stored_keys(ENVELOPES, data_dir)
    if old is None:
        raise ConfigurationError("MOE_SIGNING_KEY: not set; give the key that the installation had")
    previous = ",".join(old.all)
    roots = {root: settings.keys_of(root) for root in ROOTS if root != ENVELOPES}
    made = {root: keys if keys.current else RootKeys.of(new_secret_key(), previous) for root, keys in roots.items()}
    return variables_of_roots({ENVELOPES: RootKeys.of(new_secret_key(), previous), **made})


def _variables(root: KeyRoot, keys: RootKeys) -> dict[str, str]:
    found = variables_of_roots({root: keys})
    return found if keys.others else found | {root.previous: ""}


async def _audited(done: Rotation, operator: str) -> bool:
    from libs.adapters.journal.key_rewrapping import record_rotation
    from libs.adapters.postgres.audit_outbox import AuditAct
    from moe.cli.context.endpoints import database_passwords, postgres_url

    ids = f"{done.step}: uses {_id(done.keys.current)}, accepts {', '.join(map(_id, done.keys.others)) or 'none'}"
    act = AuditAct(SYSTEM_TENANT, "key-rotated", operator, target=done.root.name, detail=ids)
    try:
        await record_rotation(postgres_url(), database_passwords(), act)
    except (ConfigurationError, Retryable):
        return False
    return True


def _id(key: str) -> str:
    return key_id(key.encode())
