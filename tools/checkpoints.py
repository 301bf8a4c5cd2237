"""Checkpoints and the keys that sign them: what an export is believed for."""

import json
from collections.abc import Iterable
from pathlib import Path

import ed25519
from export_lines import Bad, BadLine, binary, from_hex, parsed, printable, read_lines

CHECKPOINT_TYPES = (str, str, int, str, int, str)
CHECKPOINT_FORMAT = "moe checkpoint 1"


def trusted_keys(given: Iterable[str]) -> frozenset[str]:
    """Raises Bad for what no private key can have: such a key would fit what anybody signs."""
    keys = frozenset(given)
    for key in keys:
        raw = from_hex(key, 32)
        if raw is None or not ed25519.is_valid_key(raw):
            raise Bad(
                0, f"{printable(key)} is no public key: 32 bytes in lower-case hex, as `moe audit key` prints them"
            )
    if not keys:
        raise Bad(0, "no public key was given")
    return keys


def checkpoints_in(lines: Iterable[str], keys: frozenset[str], tenant: str) -> dict[int, str]:
    """Sequence to hash of a tenant's checkpoints, from an export or from bodies of `moe.audit`. Raises Bad."""
    found: dict[int, str] = {}
    for line in filter(str.strip, lines):
        value = parsed(line, 0)
        if "chain" in value:
            names = ("chain", "sequence", "hash", "at_ms", "key")
            fields = [CHECKPOINT_FORMAT, *map(value.get, names)]
            value = {"kind": "checkpoint", "fields": fields, "signature": value.get("signature")}
        if value.get("kind") == "checkpoint":
            whose, sequence, hash_ = signed_head(value, keys, 0)
            if whose == tenant and found.setdefault(sequence, hash_) != hash_:
                raise Bad(sequence, "two checkpoints that were kept apart differ: the chain has a fork")
    return found


def read_checkpoints(path: Path, keys: frozenset[str], tenant: str) -> dict[int, str]:
    """Result of `checkpoints_in` for a file. Raises Bad, also for a file without any of the tenant, and OSError."""
    try:
        found = checkpoints_in(read_lines(path, "utf-8"), keys, tenant)
    except BadLine as error:
        raise Bad(0, f"{error} (--checkpoints)") from error
    if not found:
        raise Bad(0, f"the file of --checkpoints has none of tenant {printable(tenant)}")
    return found


def signed_head(value: dict[str, object], keys: frozenset[str], index: int) -> tuple[str, int, str]:
    """Tenant, sequence and hash of a checkpoint. Raises Bad unless a trusted key signed it."""
    fields = value.get("fields")
    if not isinstance(fields, list) or [type(found) for found in fields] != list(CHECKPOINT_TYPES):
        raise Bad(index, "a checkpoint cannot be read")
    form, tenant, sequence, hash_, _, key = fields
    if form != CHECKPOINT_FORMAT or sequence < 1 or from_hex(hash_, 32) is None:
        raise Bad(index, "a checkpoint cannot be read")
    public = from_hex(key, 32) if key in keys else None
    if public is None:
        raise Bad(index, "a checkpoint is signed with a key that is not trusted")
    message = json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    if not ed25519.verify(public, message, binary(value, "signature", index, 64)):
        raise Bad(index, "the signature of a checkpoint is wrong")
    return tenant, sequence, hash_
