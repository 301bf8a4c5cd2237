"""Short notes that all gateways share for a while: claims, cached answers, what was said last."""

from typing import Protocol

from libs.core.errors import Retryable


class NotesAway(Retryable):
    """The store cannot be reached: nobody can tell what is noted."""

    code = "notes_away"


class Notes(Protocol):
    """Values of bytes by name, each with its seconds to live. Losing them loses no truth. Every method raises NotesAway
    within a fraction of a second when the store cannot be reached; what it was about to do may then have been done."""

    async def get(self, name: str) -> bytes | None:
        """Return what is noted, None for nothing."""
        ...

    async def put(self, name: str, value: bytes, life_s: int) -> None:
        """Note a value in place of whatever was there."""
        ...

    async def claim(self, name: str, value: bytes, life_s: int) -> bytes | None:
        """Note a value unless there is one; return the one that was there, None when it is ours now."""
        ...

    async def replace(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        """Note `new` where `old` is noted, nothing for an empty `new`; return whether that was so."""
        ...

    async def drop(self, *names: str) -> None:
        """Forget."""
        ...
