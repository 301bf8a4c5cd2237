"""Dead letters in the journal, with their settlements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.message import Message
from libs.core.errors import Rejected
from libs.ports.journal import Journaled, JournalEntry, JournalReader
from libs.runtime.delivery.resending import Content, decoded
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.signing import Signer

SCHEMAS = (DeadLettered.schema_name(), DeadLetterSettled.schema_name())


@dataclass(frozen=True)
class TrackedLetter:
    """One dead letter. `settled` is the operator's decision, None while the letter is open."""

    letter: DeadLettered
    settled: DeadLetterSettled | None = None

    @property
    def status(self) -> str:
        return self.settled.action if self.settled is not None else "open"


@dataclass(frozen=True)
class Wanted:
    """Filter of letters; an empty field matches all. `letter` may be a prefix of an id."""

    letter: str = ""
    stage: str = ""
    topic: str = ""
    tenant: str = ""
    error: str = ""
    settled_too: bool = False

    def fits(self, case: TrackedLetter) -> bool:
        letter = case.letter
        pairs = (
            (self.stage, letter.stage),
            (self.topic, letter.record.topic),
            (self.tenant, letter.envelope.tenant),
            (self.error, letter.error),
        )
        named = letter.letter.startswith(self.letter)
        return named and all(wanted in {"", has} for wanted, has in pairs) and (self.settled_too or not case.settled)


async def read_letters(reader: JournalReader, signer: Signer, since_ms: int = 0) -> tuple[TrackedLetter, ...]:
    """Cases with letters not older than `since_ms` (Unix milliseconds), oldest first.

    Ignores letters without a valid signature. Raises Retryable while the journal is unavailable.
    """
    rows = await reader.of_schemas(SCHEMAS, since_ms)
    return letters_of([message for row in rows if (message := _message(row.entry, signer)) is not None])


def letters_of(messages: Iterable[Message]) -> tuple[TrackedLetter, ...]:
    """Cases that result from letters and settlements. A repeated letter adds nothing; the last settlement counts."""
    letters: dict[str, DeadLettered] = {}
    settled: dict[str, DeadLetterSettled] = {}
    for message in messages:
        if isinstance(message, DeadLettered):
            letters.setdefault(message.letter, message)
        elif isinstance(message, DeadLetterSettled):
            settled[message.letter] = message
    return tuple(TrackedLetter(letter, settled.get(name)) for name, letter in letters.items())


async def stored_content(reader: JournalReader, letter: DeadLettered) -> Content | None:
    """Content of a letter's record from the journal: letters of large records do not hold it. Raises CannotReplay."""
    original = letter.record
    key = decoded(original.key).decode("utf-8", "replace")
    names = dict.fromkeys((letter.envelope.response_id, key))
    rows = [row for name in names for row in await reader.history(name)]
    place = (original.topic, original.partition, original.offset)
    return next((_content(row) for row in rows if _place(row.entry) == place), None)


def chosen(cases: Sequence[TrackedLetter], wanted: Wanted) -> tuple[TrackedLetter, ...]:
    """Cases that match a filter."""
    return tuple(case for case in cases if wanted.fits(case))


def _message(entry: JournalEntry, signer: Signer) -> Message | None:
    record = entry.record
    try:
        return decode(record, verified_envelope(record, signer))
    except Rejected:
        return None


def _place(entry: JournalEntry) -> tuple[str, int, int]:
    return entry.position.topic, entry.position.partition, entry.position.offset


def _content(row: Journaled) -> Content:
    return Content(row.entry.headers, row.entry.payload)
