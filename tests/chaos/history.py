"""Events as the clients and the nemesis observed them: an append-only file of JSON lines."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from libs.core.clock import Clock, SystemClock

Op = Literal["whole", "stream", "resume", "cancel", "lookup", "fault"]
Phase = Literal["invoke", "ok", "fail", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `t` is Unix time in seconds; `token` marks the question; `text` is the answer as far as it was read.

    invoke: it begins · ok: a whole answer was read, or the fault is over · fail: the client received the fleet's own
    end, and it is no answer · refused: not accepted · unknown: the connection broke, or the gateway stopped before the
    end. Of a fault, `process` is the victim and `code` the action; elsewhere `code` is status or error code.
    """

    t: float
    process: str
    op: Op
    phase: Phase
    token: str = ""
    response_id: str = ""
    text: str = ""
    code: str = ""


class History:
    """Appends entries to a file, each immediately, so that it can be read after a crash."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self.entries: list[Entry] = []
        self.clock = clock or SystemClock()
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def add(self, process: str, op: Op, phase: Phase, *, seen: "Seen | None" = None, code: str = "") -> Entry:
        """Append an entry with the present time and return it."""
        seen = seen or Seen()
        entry = Entry(self.clock.now(), process, op, phase, seen.token, seen.response_id, seen.text, code)
        self.entries.append(entry)
        self._file.write(json.dumps(asdict(entry)) + "\n")
        return entry

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class Seen:
    """Knowledge of a client about its request so far."""

    token: str = ""
    response_id: str = ""
    text: str = ""


def read_history(lines: Iterable[str]) -> tuple[Entry, ...]:
    return tuple(Entry(**json.loads(line)) for line in lines)
