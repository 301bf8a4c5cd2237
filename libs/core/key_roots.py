"""The secret keys that everything else is derived from: one root for each purpose, so that none opens another's."""

import hmac
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class KeyRoot:
    """`variable` holds the key, `variable`_PREVIOUS others that are accepted; `file` is where `moe up` keeps both."""

    name: str
    variable: str
    file: str
    purpose: str

    @property
    def previous(self) -> str:
        """Return the variable with the keys that are accepted and not used any more, or not yet."""
        return f"{self.variable}_PREVIOUS"


ENVELOPES = KeyRoot("envelopes", "MOE_SIGNING_KEY", "signing.key", "signs envelopes")
DATABASE = KeyRoot("database", "MOE_DATABASE_KEY", "database.key", "makes the passwords of the database's roles")
JOURNAL = KeyRoot("journal", "MOE_JOURNAL_KEY", "journal.key", "wraps the keys that the journal's content is under")
AUDIT = KeyRoot("audit", "MOE_AUDIT_KEY", "audit.key", "signs the journal's checkpoints")
PSEUDONYMS = KeyRoot("pseudonyms", "MOE_PSEUDONYM_KEY", "pseudonym.key", "makes pseudonyms of persons and sessions")
NOTES = KeyRoot("notes", "MOE_NOTES_KEY", "notes.key", "names and seals the gateways' notes in Valkey")
DOWNLOADS = KeyRoot("downloads", "MOE_DOWNLOADS_KEY", "downloads.key", "signs links to files")
ROOTS = (ENVELOPES, DATABASE, JOURNAL, AUDIT, PSEUDONYMS, NOTES, DOWNLOADS)


NEXT = "next:"  # marks a key that is accepted already and used from the next step of a rotation on


@dataclass(frozen=True, slots=True)
class RootKeys:
    """The keys of one root: `current` is used; those before it and the one after it, if it is known, are accepted."""

    current: str = field(repr=False)
    before: tuple[str, ...] = field(default=(), repr=False)
    after: str = field(default="", repr=False)
    all: tuple[str, ...] = field(init=False, repr=False, compare=False)  # that are accepted, the current one first

    def __post_init__(self) -> None:
        object.__setattr__(self, "all", (self.current, *self.others))

    @classmethod
    def of(cls, current: str, previous: str = "") -> Self:
        """Return the keys of two settings; `previous` is a list with commas, with `next:` before an announced key."""
        listed = [key.strip() for key in previous.split(",")]
        announced = [key.removeprefix(NEXT) for key in listed if key.startswith(NEXT)]
        before = dict.fromkeys(key for key in listed if key and not key.startswith(NEXT) and key != current)
        return cls(current, tuple(before), announced[-1] if announced else "")

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the keys of a file: a line each, the current one first."""
        current, *others = text.splitlines() or [""]
        return cls.of(current, ",".join(others))

    def as_text(self) -> str:
        """Return what `read` takes."""
        return "\n".join([self.current, *filter(None, self.previous.split(","))])

    @property
    def others(self) -> tuple[str, ...]:
        """Return the keys that are accepted and not used."""
        return (self.after, *self.before) if self.after else self.before

    @property
    def previous(self) -> str:
        """Return the second setting that `of` takes."""
        return ",".join(([NEXT + self.after] if self.after else []) + list(self.before))


def key_id(key: bytes) -> str:
    """Return the public name of a key: 8 hex digits, from which nothing else follows."""
    return hmac.digest(key, b"moe key id", "sha256").hex()[:8]
