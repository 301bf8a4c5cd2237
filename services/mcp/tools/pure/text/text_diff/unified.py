"""Hunks of a difference in the unified format (POSIX `diff -u`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.mcp.tools.pure.text.text_diff.myers import Pairs

_NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Change:
    """Old lines [old_start, old_end) became new lines [new_start, new_end)."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Texts:
    """Both sides as lines with their newline."""

    old: Sequence[str]
    new: Sequence[str]


def lines_of(text: str) -> list[str]:
    """Lines with their newline; only LF ends a line, the last one may lack it."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def changes(pairs: Pairs, texts: Texts) -> list[Change]:
    """Gaps between unchanged lines."""
    anchors = [(-1, -1), *pairs, (len(texts.old), len(texts.new))]
    gaps = (Change(x + 1, next_x, y + 1, next_y) for (x, y), (next_x, next_y) in pairwise(anchors))
    return [gap for gap in gaps if gap.old_end > gap.old_start or gap.new_end > gap.new_start]


def unified(found: Sequence[Change], texts: Texts, context: int) -> tuple[str, int]:
    """The hunks as text and their number; "" for no change."""
    hunks = list(_grouped(found, context))
    if not hunks:
        return "", 0
    body = "".join("".join(_hunk(group, texts, context)) for group in hunks)
    return f"--- old\n+++ new\n{body}", len(hunks)


def _grouped(found: Sequence[Change], context: int) -> Iterator[list[Change]]:
    """Join changes whose contexts touch."""
    group: list[Change] = []
    for change in found:
        if group and change.old_start - group[-1].old_end > 2 * context:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _hunk(group: Sequence[Change], texts: Texts, context: int) -> Iterator[str]:
    before = min(context, group[0].old_start)
    after = min(context, len(texts.old) - group[-1].old_end)
    old_range = _range(group[0].old_start - before, group[-1].old_end + after)
    new_range = _range(group[0].new_start - before, group[-1].new_end + after)
    yield f"@@ -{old_range} +{new_range} @@\n"
    position = group[0].old_start - before
    for change in group:
        yield from _marked(" ", texts.old[position : change.old_start])
        yield from _marked("-", texts.old[change.old_start : change.old_end])
        yield from _marked("+", texts.new[change.new_start : change.new_end])
        position = change.old_end
    yield from _marked(" ", texts.old[position : position + after])


def _range(start: int, end: int) -> str:
    """`first,count`; the count of one line is left out, and no lines begin at the line before."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n{_NO_NEWLINE}"
