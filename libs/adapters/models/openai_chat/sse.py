"""Parses server-sent events without I/O."""

import re
from dataclasses import dataclass

MAX_EVENT_BYTES = 1 << 20
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NEWLINE = 0x0A


class EventTooLong(ValueError):
    """A line, or the data of one event, exceeds the parser's bound."""


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One event. `data` is UTF-8 as received; lines of a multi-line event are joined by a newline."""

    data: bytes
    name: str = "message"


class SseParser:
    """Parses one stream, at any chunk boundaries. Not reusable after `close` or an error.

    Follows the WHATWG event-stream rules, with two concessions to real model servers: an `error` field counts as an
    event named `error` (older llama.cpp), and `close` returns an event that no blank line ended.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._limit = max_event_bytes
        self._partial: list[bytes] = []
        self._partial_size = 0
        self._data: list[bytes] = []
        self._data_size = 0
        self._name = ""
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Parse the next bytes; return the events that they complete. Raises EventTooLong."""
        if not chunk:
            return []
        if self._after_cr and chunk[0] == _NEWLINE:
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        *lines, rest = _LINE_END.split(chunk)
        if lines:
            lines[0] = self._joined(lines[0])
        events = [event for line in lines if (event := self._take_line(line)) is not None]
        self._store_rest(rest)
        return events

    def close(self) -> list[SseEvent]:
        """The last event, if the stream ended before its blank line."""
        last = self._take_line(self._joined(b"")) or self._dispatch()
        return [] if last is None else [last]

    def _store_rest(self, rest: bytes) -> None:
        if not rest:
            return
        self._partial.append(rest)
        self._partial_size += len(rest)
        self._check(self._partial_size)

    def _joined(self, end: bytes) -> bytes:
        line = b"".join((*self._partial, end)) if self._partial else end
        self._partial, self._partial_size = [], 0
        if self._at_start:
            self._at_start = False
            return line.removeprefix(_BYTE_ORDER_MARK)
        return line

    def _take_line(self, line: bytes) -> SseEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._take_data(value)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"error":
            self._name = "error"
            self._take_data(value)
        return None

    def _take_data(self, value: bytes) -> None:
        self._data_size += len(value) + 1
        self._check(self._data_size)
        self._data.append(value)

    def _dispatch(self) -> SseEvent | None:
        data, name = self._data, self._name
        self._data, self._data_size, self._name = [], 0, ""
        return SseEvent(b"\n".join(data), name or "message") if data else None

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise EventTooLong(f"an event of more than {self._limit} bytes")
