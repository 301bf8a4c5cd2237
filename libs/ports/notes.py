"""Short notes that all gateways share for a while: claims, cached answers, what was said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from libs.contracts.envelope import Envelope
from libs.core.errors import Retryable
from libs.core.ids import accepted_at_of

ERASED = b"erased"  # stands in place of a claim of a person that was erased: no repetition brings the words back


class NotesAway(Retryable):
    """The store cannot be reached: nobody can tell what is noted."""

    code = "notes_away"


@dataclass(frozen=True, slots=True)
class Person:
    """Whose words something is. `subject` is that of the request, `said_at` Unix time in seconds."""

    tenant: str
    subject: str
    said_at: float

    @classmethod
    def behind(cls, envelope: Envelope) -> Self:
        """Return who asked for the response of a message, when it was asked for."""
        return cls(envelope.tenant, envelope.subject, accepted_at_of(envelope.response_id))


class Notes(Protocol):
    """Values of bytes by name, each with its seconds to live. Losing them loses no truth. Every method raises NotesAway
    within a fraction of a second when the store cannot be reached; what it was about to do may then have been done.

    `under` names lists that a new note is put on for as long as it lives, so that all of them can be found together.
    A store that is full forgets what was put on a list, and raises NotesAway for whatever else it has no room for.
    """

    async def get(self, name: str) -> bytes | None:
        """Return what is noted, None for nothing."""
        ...

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        """Note a value in place of whatever was there."""
        ...

    async def claim(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> bytes | None:
        """Note a value unless there is one; return the one that was there, None when it is ours now."""
        ...

    async def replace(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        """Note `new` where `old` is noted, nothing for an empty `new`; return whether that was so."""
        ...

    async def drop(self, *names: str) -> None:
        """Forget."""
        ...
