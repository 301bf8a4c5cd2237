"""Reads of a handler from outside the log: model answers, clocks, random numbers; recorded for replay."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias

# A handler reads through a port that calls `record_read`, or `open_read` for text that arrives in pieces. The runtime
# opens a `ReadLog` around the handler and writes its reads into the envelope of every message that follows, so that a
# replay can return the same answers.
Scalar: TypeAlias = str | int | float | bool | None
# A broker accepts one megabyte, and the body repeats this text. Longer logs are replaced by their hash.
MAX_CHARS = 200_000
OMITTED = "omitted"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Read:
    """One read: its kind, and the values it returned."""

    kind: str
    values: Mapping[str, Scalar]

    def row(self) -> dict[str, Scalar]:
        return {"kind": self.kind, **self.values}


@dataclass(slots=True)
class StreamedRead:
    """A read that lasts while the handler works: a text that grows until it is closed.

    `cuts` are the lengths of the text at each publication, so that a replay pauses at the same places.
    """

    kind: str
    values: dict[str, Scalar]
    cuts: list[int] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _closed: bool = False

    def append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def close(self, **values: Scalar) -> None:
        """End the read with its last values. Later publications add no cut."""
        self.values |= values
        self._closed = True

    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    def row(self) -> dict[str, Scalar]:
        """The serialized read. Not idempotent: writing an open read cuts its text here."""
        if not self._closed and self._length and self.cuts[-1:] != [self._length]:
            self.cuts.append(self._length)
        row: dict[str, Scalar] = {"kind": self.kind, **self.values, "text": self.text()}
        if self.cuts:
            row["cuts"] = " ".join(map(str, self.cuts))
        return row if self._closed else {**row, "open": True}


@dataclass(slots=True)
class ReadLog:
    """The reads of one work item, in order."""

    reads: list[Read | StreamedRead] = field(default_factory=list)

    def as_json(self) -> str:
        """One line of JSON, empty if there are no reads. Not idempotent: call once per published message."""
        if not self.reads:
            return ""
        rows = [read.row() for read in self.reads]
        text = _written(rows)
        if len(text) <= MAX_CHARS:
            return text
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return _written([*(row for row in rows[:1] if "text" not in row), {"kind": OMITTED, "sha256": sha256}])


def _written(rows: Sequence[Mapping[str, Scalar]]) -> str:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii() and _LONE_SURROGATE.search(text):
        return json.dumps(rows, separators=(",", ":"))
    return text


_running: ContextVar[ReadLog | None] = ContextVar("tape", default=None)


@contextmanager
def recording_reads() -> Iterator[ReadLog]:
    """Record all reads within the block, in this task and in tasks that it starts."""
    tape = ReadLog()
    token = _running.set(tape)
    try:
        yield tape
    finally:
        _running.reset(token)


def record_read(kind: str, **values: Scalar) -> None:
    """Add a read to the running log; without one it is discarded."""
    if (tape := _running.get()) is not None:
        tape.reads.append(Read(kind, values))


def open_read(kind: str, **values: Scalar) -> StreamedRead:
    """Add a read that stays open; the caller appends to it and closes it."""
    read = StreamedRead(kind, values)
    if (tape := _running.get()) is not None:
        tape.reads.append(read)
    return read


def parse_reads(text: str) -> tuple[Read, ...]:
    """Parse the reads of a header. Raises ValueError."""
    if not text:
        return ()
    rows = json.loads(text)
    try:
        return tuple(Read(str(row.pop("kind")), row) for row in rows)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a list of reads: {text[:80]!r}") from error
