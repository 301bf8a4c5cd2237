"""What a handler read from outside the log: model answers, clocks, random numbers; kept with what it led to.

A handler reads through a port that calls `note`, or `begin` for what arrives piece by piece. The runtime opens a `Tape`
around the handler and writes what is on it into the envelope of every message that follows, so that a replay can give
the same answers again.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
# More than that has no place beside a body that says the same: a broker takes a megabyte. Its hash is kept instead.
MAX_CHARS = 200_000
OMITTED = "omitted"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Read:
    """One read: what kind it was, and what it gave."""

    kind: str
    values: Mapping[str, Scalar]

    def row(self) -> dict[str, Scalar]:
        """Return the read as it is written."""
        return {"kind": self.kind, **self.values}


@dataclass(slots=True)
class StreamedRead:
    """A read that goes on while the work does: a text that grows until it is closed.

    `cuts` are the lengths of the text at which something was said, so that a replay pauses at the same places.
    """

    kind: str
    values: dict[str, Scalar]
    cuts: list[int] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _closed: bool = False

    def append(self, text: str) -> None:
        """Take the next piece of the text."""
        self._pieces.append(text)
        self._length += len(text)

    def close(self, **values: Scalar) -> None:
        """End the read with what came last. Nothing that is said later cuts it."""
        self.values |= values
        self._closed = True

    def text(self) -> str:
        """Return what has come so far."""
        return "".join(self._pieces)

    def row(self) -> dict[str, Scalar]:
        """Return the read as it is written; writing an open one cuts its text here."""
        if not self._closed and self._length and self.cuts[-1:] != [self._length]:
            self.cuts.append(self._length)
        row: dict[str, Scalar] = {"kind": self.kind, **self.values, "text": self.text()}
        if self.cuts:
            row["cuts"] = " ".join(map(str, self.cuts))
        return row if self._closed else {**row, "open": True}


@dataclass(slots=True)
class ReadLog:
    """The reads of one piece of work, in order."""

    reads: list[Read | StreamedRead] = field(default_factory=list)

    def as_json(self) -> str:
        """Return the reads as one line of JSON; empty when there are none. Call it once for each thing that is said."""
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
    """Collect what is read while the block runs, in this task and those that it starts."""
    tape = ReadLog()
    token = _running.set(tape)
    try:
        yield tape
    finally:
        _running.reset(token)


def record_read(kind: str, **values: Scalar) -> None:
    """Write a read on the running tape; outside of one it is lost, as nobody asked for it."""
    if (tape := _running.get()) is not None:
        tape.reads.append(Read(kind, values))


def open_read(kind: str, **values: Scalar) -> StreamedRead:
    """Write a read that goes on, and return it to be grown and closed."""
    read = StreamedRead(kind, values)
    if (tape := _running.get()) is not None:
        tape.reads.append(read)
    return read


def parse_reads(text: str) -> tuple[Read, ...]:
    """Return the reads of a header. Raises ValueError for what is not one."""
    if not text:
        return ()
    rows = json.loads(text)
    try:
        return tuple(Read(str(row.pop("kind")), row) for row in rows)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a list of reads: {text[:80]!r}") from error
