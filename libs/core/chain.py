"""The hash chain of a tenant's journal, as pure functions; an auditor recomputes it to verify the journal."""

import hashlib
import json
from dataclasses import dataclass

#     commitment_n = SHA-256(salt_n || ciphertext_n)
#     hash_n       = SHA-256(hash_(n-1) || header_n || commitment_n), where hash_0 is 32 zero bytes
#
# Never hash plain text: such a hash would be a fingerprint of content that erasure must destroy.
GENESIS = bytes(32)
SALT_BYTES = 16
_ROW_FORMAT = 1
_CHECKPOINT_FORMAT = "moe checkpoint 1"


@dataclass(frozen=True, slots=True)
class ChainHeader:
    """The facts of a link besides its content. `received_us` is the database's Unix time in microseconds.

    `event_id`, `response_id`, `schema` and `causation_id` come from the record's headers, None where unreadable.
    """

    tenant: str
    sequence: int
    log_id: str
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    received_us: int
    event_id: str | None
    response_id: str | None
    schema: str | None
    causation_id: str | None

    def canonical(self) -> bytes:
        """The only form that is hashed: a JSON array without spaces, ASCII only."""
        fields = (_ROW_FORMAT, self.tenant, self.sequence, self.log_id, self.topic, self.partition, self.offset)
        claims = (self.event_id, self.response_id, self.schema, self.causation_id)
        return _json((*fields, self.timestamp_ms, self.received_us, *claims))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a tenant's chain at a point in time. `hash` and `key` (the Ed25519 public key) are hex."""

    tenant: str
    sequence: int
    hash: str
    at_ms: int
    key: str

    def canonical(self) -> bytes:
        """The signed bytes."""
        return _json((_CHECKPOINT_FORMAT, self.tenant, self.sequence, self.hash, self.at_ms, self.key))


def commitment(salt: bytes, ciphertext: bytes) -> bytes:
    """The commitment to content; it stays verifiable after the content is erased."""
    return hashlib.sha256(salt + ciphertext).digest()


def link(previous: bytes, header: bytes, committed: bytes) -> bytes:
    """The hash of the next link. `header` is canonical."""
    return hashlib.sha256(previous + header + committed).digest()


def _json(fields: tuple[str | int | None, ...]) -> bytes:
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")
