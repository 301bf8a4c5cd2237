"""Compresses journal records with the opening of their request as dictionary."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.adapters.journal.cipher import SubjectKey
from libs.contracts.progress import RequestOpened
from libs.ports.journal import JournalEntry, Position

_OPENING = RequestOpened.schema_name()
_REMEMBERED = 2_000
MAX_WORDS = 8_192  # bytes: deflate looks back at most 32 kB, and longer dictionaries cost time in every record

Name = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Base:
    """A row whose value is the dictionary of other rows, and the key that encrypts it.

    The question of an opening is repeated in half of the records. A compressed row names its opening in `base_id` and
    is readable only together with it. Both belong to one subject and lose their content together.
    """

    row_id: int
    key_id: int
    words: bytes


class Bases:
    """Remembers committed openings. A process that did not write the opening itself compresses without it."""

    def __init__(self) -> None:
        self._known: OrderedDict[Name, Base] = OrderedDict()

    def of(self, entry: JournalEntry, key: SubjectKey | None, fresh: Mapping[Name, Base]) -> Base | None:
        """The base for an entry, None without one under the same key.

        `fresh` holds bases of the running transaction.
        """
        if key is None or is_opening(entry):
            return None
        name = _name(entry)
        base = fresh.get(name) or self._known.get(name)
        return base if base is not None and base.key_id == key.key_id else None

    def remember(self, committed: Mapping[Name, Base]) -> None:
        """Add the bases of a committed transaction; the oldest beyond 2,000 are evicted."""
        self._known.update(committed)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def forget_all(self) -> None:
        """Call after the database rejected a row's base, which no longer exists."""
        self._known.clear()


def bases_in(
    entries: Sequence[JournalEntry], keys: Sequence[SubjectKey | None], row_ids: Mapping[Position, int]
) -> dict[Name, Base]:
    return {
        _name(entry): Base(row_ids[entry.position], key.key_id, words_of(entry.payload))
        for entry, key in zip(entries, keys, strict=True)
        if key is not None and is_opening(entry) and entry.position in row_ids
    }


def words_of(payload: bytes) -> bytes:
    """The prefix of a payload that serves as dictionary."""
    return payload[:MAX_WORDS]


def is_opening(entry: JournalEntry) -> bool:
    return entry.claims.schema == _OPENING


def _name(entry: JournalEntry) -> Name:
    return entry.owner.tenant, entry.claims.response_id
