"""The mirror: laws by name, read on request, and an index of all names that is built once."""

import hashlib
import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from threading import Lock

import orjson
from pydantic import TypeAdapter, ValidationError

from libs.core.clock import Clock
from services.mcp.contract import ToolError
from services.mcp.tools.served.legal.archive import folders_in, xml_in
from services.mcp.tools.served.legal.law import BrokenLaw, Law, read_law, read_names
from services.mcp.tools.served.legal.names import Listed, key_of, ranked

_LAWS_AT_HAND = 20
_NEAR = 3
_LOOK_AGAIN_S = 60.0
_INDEX: TypeAdapter[tuple[Listed, ...]] = TypeAdapter(tuple[Listed, ...])


class Mirror:
    """Reads laws. All methods block on file access, may be called from threads, and raise ToolError.

    The index is stored in a file and rebuilt when folders of the mirror change: some seconds for all of them. Changes
    are checked once a minute.
    """

    def __init__(self, root: Path, index_file: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._look_again_at = float("-inf")
        self._index_file = index_file
        self._lock = Lock()
        self._at_hand: OrderedDict[str, Law] = OrderedDict()
        self._listed: tuple[Listed, ...] = ()
        self._state = ""

    def search(self, query: str) -> list[Listed]:
        """Laws that match a query, the likeliest first."""
        return ranked(self.index(), query)

    def law(self, name: str) -> tuple[Listed, Law]:
        """Law by abbreviation, folder or whole title."""
        listed = self._named(name)
        with self._lock:
            if listed.folder in self._at_hand:
                self._at_hand.move_to_end(listed.folder)
                return listed, self._at_hand[listed.folder]
        try:
            with xml_in(self._root / listed.folder) as xml:
                law = read_law(xml)
        except BrokenLaw as error:
            raise ToolError("not_found", f"law: its file in the mirror is broken ({error})") from error
        with self._lock:
            self._at_hand[listed.folder] = law
            if len(self._at_hand) > _LAWS_AT_HAND:
                self._at_hand.popitem(last=False)
        return listed, law

    def index(self) -> tuple[Listed, ...]:
        with self._lock:
            if self._clock.monotonic() >= self._look_again_at:
                self._look()
                self._look_again_at = self._clock.monotonic() + _LOOK_AGAIN_S
            return self._listed

    def _look(self) -> None:
        try:
            folders = folders_in(self._root)
            state = _state(self._root, folders)
        except OSError as error:
            raise ToolError("unavailable", f"the mirror of laws cannot be read: {error.strerror}") from error
        if state != self._state:
            self._listed = self._cached(state) or self._made(folders, state)
            self._state = state
            self._at_hand.clear()

    def _named(self, name: str) -> Listed:
        key = key_of(name)
        for law in self.index():
            if key and key in (key_of(law.abbreviation), key_of(law.official_abbreviation), key_of(law.folder)):
                return law
        found = self.search(name)
        if found and key in (key_of(found[0].title), key_of(found[0].short_title)):
            return found[0]
        near = ", ".join(law.abbreviation for law in found[:_NEAR])
        hint = f"did you mean {near}?" if near else "legal_search_laws finds laws by words of their titles"
        raise ToolError("not_found", f"law: there is none of that name in the mirror; {hint}")

    def _cached(self, state: str) -> tuple[Listed, ...] | None:
        try:
            stored = orjson.loads(self._index_file.read_bytes())
            return _INDEX.validate_python(stored["laws"]) if stored["state"] == state else None
        except (OSError, orjson.JSONDecodeError, ValidationError, LookupError, TypeError):
            return None

    def _made(self, folders: list[Path], state: str) -> tuple[Listed, ...]:
        laws = tuple(law for folder in folders if (law := _listed(folder)) is not None)
        fresh = self._index_file.with_name(f"{self._index_file.name}.{os.getpid()}")
        try:
            fresh.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(orjson.dumps({"state": state, "laws": laws}))
            fresh.replace(self._index_file)
        except OSError:  # it is made again at the next start
            with suppress(OSError):
                fresh.unlink()
        return laws


def _listed(folder: Path) -> Listed | None:
    try:
        with xml_in(folder) as xml:
            names = read_names(xml)
    except BrokenLaw:
        return None
    return Listed(folder.name, names.abbreviation, names.official_abbreviation, names.title, names.short_title)


def _state(root: Path, folders: list[Path]) -> str:
    """State that changes when a law is added, replaced or removed."""
    digest = hashlib.sha256(str(root).encode())
    for folder in folders:
        digest.update(f"{folder.name}:{folder.stat().st_mtime_ns};".encode())
    return digest.hexdigest()
