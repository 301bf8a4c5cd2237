"""Patterns of callers: RE2 only, whose time grows with pattern times text and never with their power."""

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

import re2

from services.mcp.contract import ToolError

MAX_PATTERN_CHARS = 500
MAX_STEPS = 20_000_000  # instructions of the program times characters of the text: a tenth of a second, measured
ENGINE = (
    "RE2 (linear time): no look-around, no back-references; \\d \\w \\s are ASCII; leftmost match, first alternative"
)
_MEMORY_BYTES = 4 * 1024 * 1024
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_UNSUPPORTED = ("invalid perl operator", "invalid escape sequence")
_TOO_LARGE = ("too large", "repetition size")


class Match(Protocol):
    """One match; spans count characters, and are (-1, -1) for a group that took no part."""

    def span(self, group: int = 0) -> tuple[int, int]: ...

    def group(self, group: int = 0) -> str | None: ...


class Pattern(Protocol):
    """A compiled pattern."""

    @property
    def groups(self) -> int: ...

    @property
    def groupindex(self) -> Mapping[str, int]: ...

    @property
    def programsize(self) -> int: ...

    def search(self, text: str, pos: int = 0) -> Match | None: ...

    def fullmatch(self, text: str) -> Match | None: ...


def compiled(pattern: str, flags: str = "") -> Pattern:
    """Pattern; `flags` are letters of RE2's own flag group. Raises ToolError."""
    if len(pattern) > MAX_PATTERN_CHARS:
        raise ToolError("limit_exceeded", f"pattern: the limit is {MAX_PATTERN_CHARS} characters")
    if "C" in _ESCAPE.findall(pattern):  # a single byte, which may be a part of a character only
        raise ToolError("invalid_argument", "pattern: \\C is not supported, a character is the smallest part")
    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY_BYTES, False
    try:
        found: Pattern = re2.compile(f"(?{flags}){pattern}" if flags else pattern, options)
    except re2.error as error:
        raise _refusal(error) from error
    re2.purge()  # its cache would hold on to the memory of 128 patterns
    return found


def check_work(pattern: Pattern, text_chars: int) -> None:
    """Raise ToolError for a search that would take too long."""
    if pattern.programsize * text_chars > MAX_STEPS:
        raise ToolError("limit_exceeded", f"pattern times text: the limit is {MAX_STEPS} steps; shorten either")


def matches(pattern: Pattern, text: str) -> Iterator[Match]:
    """Matches from left to right; after an empty match the search continues one character further.

    `finditer` of the package returns an empty match ahead twice.
    """
    position = 0
    while position <= len(text) and (found := pattern.search(text, position)) is not None:
        yield found
        start, end = found.span()
        position = end if end > start else end + 1


def _refusal(error: re2.error) -> ToolError:
    reason = error.args[0].decode(errors="replace").partition(":")[0]
    if any(mark in reason for mark in _TOO_LARGE):
        return ToolError("limit_exceeded", f"pattern: {reason}; write fewer or smaller repetitions")
    hint = "; look-around and back-references are not supported" if reason in _UNSUPPORTED else ""
    return ToolError("invalid_argument", f"pattern: {reason}{hint}")
