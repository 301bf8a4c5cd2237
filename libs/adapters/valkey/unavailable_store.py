"""Notes where there is no store for them: always away."""

from collections.abc import Sequence

from libs.ports.notes import NotesAway


class NoNotes:
    """See Notes."""

    async def get(self, name: str) -> bytes | None:
        """See Notes."""
        raise NotesAway("there is no store")

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        """See Notes."""
        raise NotesAway("there is no store")

    async def claim(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> bytes | None:
        """See Notes."""
        raise NotesAway("there is no store")

    async def replace(self, name: str, old: bytes, new: bytes, life_s: int) -> bool:
        """See Notes."""
        raise NotesAway("there is no store")

    async def drop(self, *names: str) -> None:
        """See Notes."""
        raise NotesAway("there is no store")
