"""A key-value store with expiry that all gateways share: idempotency records, cached answers, conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from libs.contracts.envelope import Envelope
from libs.core.errors import Retryable
from libs.core.ids import accepted_at_of

ERASED = b"erased"  # replaces an idempotency record of an erased data subject: a repetition must not run the request


class KeyValueStoreUnavailable(Retryable):
    """The store cannot be reached; its content is unknown."""

    code = "notes_away"


@dataclass(frozen=True, slots=True)
class DataSubject:
    """The data subject of a value. `subject` is that of the request, `accepted_at` Unix time in seconds."""

    tenant: str
    subject: str
    accepted_at: float

    @classmethod
    def of_request(cls, envelope: Envelope) -> Self:
        return cls(envelope.tenant, envelope.subject, accepted_at_of(envelope.response_id))


class KeyValueStore(Protocol):
    """Byte values by name, each with a time to live in seconds; the content is never the only copy of a fact.

    Every method raises KeyValueStoreUnavailable within a fraction of a second if the store cannot be reached; it may
    have taken effect then. `under` names lists that contain a value while it lives, so that they can be found together.
    A full store evicts values that are on a list, and raises KeyValueStoreUnavailable for others without space.
    """

    async def get(self, name: str) -> bytes | None: ...

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        """Store a value, replacing an earlier one."""
        ...

    async def put_if_absent(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> bytes | None:
        """Store a value unless there is one; return the existing value, None if this one was stored."""
        ...

    async def compare_and_swap(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        """Replace `old` by `new`, delete it if `new` is empty; False if the value is not `old`."""
        ...

    async def delete(self, *names: str) -> None:
        """Delete values; unknown names are ignored."""
        ...
