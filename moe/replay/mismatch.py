"""Mismatches between a replay and its records."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_json

from libs.contracts.envelope import Envelope
from libs.contracts.field_revisions import current_revision
from libs.contracts.message import Message
from moe.replay.known_fields import known_to

MAX_SHOWN = 200
ABSENT = "nothing"
# Excludes what the runtime adds (waiting time, attempts), which is no function of the work.
COMPARED = ("event_id", "response_id", "tenant", "causation_id", "schema", "trace", "subject")


@dataclass(frozen=True, slots=True)
class ReplayMismatch:
    """`index` is the number of the record in its history, `path` the field, `expected` the replayed value.

    `absent`: another record is missing, possibly lost with an in-memory log.
    """

    index: int
    stage: str
    path: str
    expected: str
    got: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """The compared record: its number, and the stage that published it."""

    index: int
    stage: str

    def mismatch(self, path: str, expected: object, got: object) -> ReplayMismatch:
        return ReplayMismatch(self.index, self.stage, path, shown(expected), shown(got))

    def missing(self, expected: object, path: str = "missing", got: object = ABSENT) -> ReplayMismatch:
        """Mismatch for a missing record: the `expected` one, or the one that `path` names."""
        return ReplayMismatch(self.index, self.stage, path, shown(expected), shown(got), absent=True)


def shown(value: object) -> str:
    """A value in at most 200 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def compare(
    place: RecordLocation, expected: Message, got: Message, payload: bytes, revision: int = 0
) -> tuple[ReplayMismatch, ...]:
    """Compare a record with the replayed message: envelope, reads, payload byte by byte.

    `revision` is the contract revision that the record's code knew: the record may lack later fields, and no others.
    Without one it must have all current fields.
    """
    found = [place.mismatch(f"envelope.{path}", mine, theirs) for path, mine, theirs in _envelopes(expected, got)]
    found += _texts(place, "reads", expected.envelope.reads, got.envelope.reads)
    recorded = payload.decode(errors="replace")
    return (*found, *_texts(place, "body", _as_known(expected, recorded, revision), recorded))


def compare_fields(
    place: RecordLocation, message: Message, payload: bytes, revision: int = 0
) -> Iterator[ReplayMismatch]:
    """Yield payload fields that differ from their parsed message: missing, unknown, or of another type; else the body
    if its bytes differ, as with a field twice."""
    recorded = payload.decode(errors="replace")
    yield from _texts(place, "body", _as_known(message, recorded, revision), recorded)


def _as_known(message: Message, recorded: str, revision: int) -> str:
    """A message as JSON, without the fields that a record lacks because its code did not know them."""
    said = message.body().decode()
    if said == recorded:
        return said
    parsed = _parsed(said)
    known = known_to(message, parsed, _parsed(recorded), revision or current_revision())
    return said if known == parsed else to_json(known).decode()


def _envelopes(expected: Message, got: Message) -> Iterator[tuple[str, str, str]]:
    mine, theirs = _compared(expected.envelope), _compared(got.envelope)
    return ((name, mine[name], theirs[name]) for name in mine if mine[name] != theirs[name])


def _compared(envelope: Envelope) -> dict[str, str]:
    fields = {name: str(getattr(envelope, name)) for name in COMPARED}
    return {**fields, "deadline_at": f"{envelope.deadline_at:.6f}"}  # as on the wire


def _texts(place: RecordLocation, name: str, expected: str, got: str) -> list[ReplayMismatch]:
    """Compare two JSON texts byte by byte; report the differing fields if there are any."""
    if expected == got:
        return []
    differing = _fields(name, _parsed(expected), _parsed(got))
    fields = [place.mismatch(path, mine, theirs) for path, mine, theirs in differing]
    return fields or [place.mismatch(name, expected, got)]


def _parsed(text: str) -> JsonValue:
    try:
        parsed: JsonValue = json.loads(text) if text else None
    except ValueError:
        return text
    return parsed


def _fields(path: str, expected: JsonValue, got: JsonValue) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in dict.fromkeys((*expected, *got)):
            if name in expected and name in got:
                yield from _fields(f"{path}.{name}", expected[name], got[name])
            else:
                yield f"{path}.{name}", expected.get(name, ABSENT), got.get(name, ABSENT)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for number, (mine, theirs) in enumerate(zip(expected, got, strict=True)):
            yield from _fields(f"{path}[{number}]", mine, theirs)
    elif type(expected) is not type(got) or expected != got:  # Python holds 1, 1.0 and true for equal
        yield path, expected, got
