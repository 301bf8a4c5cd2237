"""What a handler read from outside the log: model completions, clocks, random numbers; kept with what it led to.

A handler reads through a port that calls `note`. The runtime opens a `Tape` around the handler and writes what is on it
into the envelope of every message that follows, so that a replay can give the same answers again.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Read:
    """One read: what kind it was, and what it gave."""

    kind: str
    values: Mapping[str, Scalar]


@dataclass(slots=True)
class Tape:
    """The reads of one piece of work, in order."""

    reads: list[Read] = field(default_factory=list)

    def as_json(self) -> str:
        """Return the reads as one line of JSON; empty when there are none."""
        if not self.reads:
            return ""
        rows = [{"kind": read.kind, **read.values} for read in self.reads]
        return json.dumps(rows, ensure_ascii=True, separators=(",", ":"))


_running: ContextVar[Tape | None] = ContextVar("tape", default=None)


@contextmanager
def taped() -> Iterator[Tape]:
    """Collect what is read while the block runs, in this task and those that it starts."""
    tape = Tape()
    token = _running.set(tape)
    try:
        yield tape
    finally:
        _running.reset(token)


def note(kind: str, **values: Scalar) -> None:
    """Write a read on the running tape; outside of one it is lost, as nobody asked for it."""
    if (tape := _running.get()) is not None:
        tape.reads.append(Read(kind, values))


def read_tape(text: str) -> tuple[Read, ...]:
    """Return the reads of a header. Raises ValueError for what is not one."""
    if not text:
        return ()
    rows = json.loads(text)
    try:
        return tuple(Read(str(row.pop("kind")), row) for row in rows)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a list of reads: {text[:80]!r}") from error
