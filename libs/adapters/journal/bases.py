"""The opening of a request as the dictionary of what follows: its question is told again in half of the records.

A row that was compressed with it says so in `base_id` and can be read only together with that row. Both are of one
subject and lose their content together. A process that has not written the opening itself does without.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.adapters.journal.cipher import SubjectKey
from libs.contracts.progress import RequestOpened
from libs.ports.journal import JournalEntry, Position

_OPENING = RequestOpened.schema_name()
_REMEMBERED = 2_000
MAX_WORDS = 8_192  # bytes: deflate looks back 32 kB at most, and longer dictionaries cost time in every record

Name = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Base:
    """A row whose value is the dictionary of others. It was written under the key `key_id`."""

    row_id: int
    key_id: int
    words: bytes


class Bases:
    """Remembers the openings that this process has committed."""

    def __init__(self) -> None:
        self._known: OrderedDict[Name, Base] = OrderedDict()

    def of(self, entry: JournalEntry, key: SubjectKey | None, fresh: Mapping[Name, Base]) -> Base | None:
        """Return the base for an entry; `fresh` are those of the transaction that runs."""
        if key is None or is_opening(entry):
            return None
        name = _name(entry)
        base = fresh.get(name) or self._known.get(name)
        return base if base is not None and base.key_id == key.key_id else None

    def remember(self, committed: Mapping[Name, Base]) -> None:
        """Take the bases of a transaction that was committed."""
        self._known.update(committed)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def forget_all(self) -> None:
        """A row refused its base, so it is gone."""
        self._known.clear()


def bases_in(
    entries: Sequence[JournalEntry], keys: Sequence[SubjectKey | None], row_ids: Mapping[Position, int]
) -> dict[Name, Base]:
    """Return the bases among entries that were just inserted."""
    return {
        _name(entry): Base(row_ids[entry.position], key.key_id, words_of(entry.payload))
        for entry, key in zip(entries, keys, strict=True)
        if key is not None and is_opening(entry) and entry.position in row_ids
    }


def words_of(payload: bytes) -> bytes:
    """Return what a base's value adds to the dictionary."""
    return payload[:MAX_WORDS]


def is_opening(entry: JournalEntry) -> bool:
    """Return whether an entry says that it opens a request."""
    return entry.claims.schema == _OPENING


def _name(entry: JournalEntry) -> Name:
    return entry.owner.tenant, entry.claims.response_id
