"""The signed head of a tenant's journal, published so that a copy exists outside the database."""

from typing import ClassVar, Self

from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.topics import AUDIT, Topic
from libs.core.chain import Checkpoint


class ChainCheckpointed(Message):
    """All rows up to `sequence` are sealed under `hash`. `at_ms` is Unix time.

    `hash`, `key` (the Ed25519 public key) and `signature` are hex; docs/audit.md says what is signed.
    """

    topics: ClassVar[tuple[Topic, ...]] = (AUDIT,)
    chain: str
    sequence: int
    hash: str
    at_ms: int
    key: str
    signature: str

    @property
    def part_id(self) -> str:
        return str(self.sequence)

    @classmethod
    def of(cls, checkpoint: Checkpoint, signature: str) -> Self:
        """Deterministic: the same checkpoint gives the same id."""
        tenant = checkpoint.tenant
        checkpointed = cls(
            chain=tenant,
            sequence=checkpoint.sequence,
            hash=checkpoint.hash,
            at_ms=checkpoint.at_ms,
            key=checkpoint.key,
            signature=signature,
        )
        return checkpointed.opening(Origin.system(f"chain/{tenant}", tenant))

    def summary(self) -> str:
        return f"chain of {self.chain} sealed up to {self.sequence}"
