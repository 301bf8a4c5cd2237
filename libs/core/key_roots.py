"""The root keys of the installation, one per purpose, so that a leaked key compromises one purpose only."""

import hmac
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class KeyRoot:
    """`variable` holds the key, `variable`_PREVIOUS other accepted keys; `file` is where `moe up` stores both."""

    name: str
    variable: str
    file: str
    purpose: str

    @property
    def previous(self) -> str:
        """The variable with keys that are accepted but no longer used, or not used yet."""
        return f"{self.variable}_PREVIOUS"


ENVELOPES = KeyRoot("envelopes", "MOE_SIGNING_KEY", "signing.key", "signs envelopes")
DATABASE = KeyRoot("database", "MOE_DATABASE_KEY", "database.key", "derives the passwords of the database roles")
JOURNAL = KeyRoot(
    "journal", "MOE_JOURNAL_KEY", "journal.key", "wraps the subject keys that encrypt the journal's content"
)
AUDIT = KeyRoot("audit", "MOE_AUDIT_KEY", "audit.key", "signs the journal's checkpoints")
PSEUDONYMS = KeyRoot(
    "pseudonyms", "MOE_PSEUDONYM_KEY", "pseudonym.key", "derives pseudonyms of data subjects and sessions"
)
NOTES = KeyRoot(
    "notes", "MOE_NOTES_KEY", "notes.key", "encrypts the gateways' entries in Valkey and derives their names"
)
DOWNLOADS = KeyRoot("downloads", "MOE_DOWNLOADS_KEY", "downloads.key", "signs download links of files")
ROOTS = (ENVELOPES, DATABASE, JOURNAL, AUDIT, PSEUDONYMS, NOTES, DOWNLOADS)


NEXT = "next:"  # marks a key that is accepted now and used from the next rotation step on


@dataclass(frozen=True, slots=True)
class RootKeys:
    """The keys of one root. `current` is used; `before` and `after` (if announced) are accepted."""

    current: str = field(repr=False)
    before: tuple[str, ...] = field(default=(), repr=False)
    after: str = field(default="", repr=False)
    all: tuple[str, ...] = field(init=False, repr=False, compare=False)  # all accepted keys, the current one first

    def __post_init__(self) -> None:
        object.__setattr__(self, "all", (self.current, *self.others))

    @classmethod
    def of(cls, current: str, previous: str = "") -> Self:
        """`previous` is comma-separated; `next:` marks the announced key."""
        listed = [key.strip() for key in previous.split(",")]
        announced = [key.removeprefix(NEXT) for key in listed if key.startswith(NEXT)]
        before = dict.fromkeys(key for key in listed if key and not key.startswith(NEXT) and key != current)
        return cls(current, tuple(before), announced[-1] if announced else "")

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse the text of a key file: one key per line, the current one first."""
        current, *others = text.splitlines() or [""]
        return cls.of(current, ",".join(others))

    def as_text(self) -> str:
        """The input of `read`."""
        return "\n".join([self.current, *filter(None, self.previous.split(","))])

    @property
    def others(self) -> tuple[str, ...]:
        """Keys that are accepted but not used."""
        return (self.after, *self.before) if self.after else self.before

    @property
    def previous(self) -> str:
        """The second argument of `of`."""
        return ",".join(([NEXT + self.after] if self.after else []) + list(self.before))


def key_id(key: bytes) -> str:
    """The public id of a key: 8 hex digits that reveal nothing else."""
    return hmac.digest(key, b"moe key id", "sha256").hex()[:8]
