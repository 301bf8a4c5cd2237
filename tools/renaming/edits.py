"""Text edits of one file: byte ranges and what takes their place."""

from collections.abc import Iterable
from dataclasses import dataclass


class RenameError(Exception):
    """Reasons why a table cannot be applied, one line each; nothing was written."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = sorted(set(reasons))
        super().__init__("\n".join(self.reasons))


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes from `start` to `end`."""

    start: int
    end: int
    text: bytes


def apply_edits(source: bytes, edits: Iterable[Edit]) -> bytes:
    """Equal edits count once. Raises RenameError where two different ones overlap."""
    pieces, at = [], 0
    for edit in sorted(set(edits)):
        if edit.start < at:
            line = source.count(b"\n", 0, edit.start) + 1
            raise RenameError([f"line {line}: two rows change {source[edit.start : edit.end].decode()!r} differently"])
        pieces += [source[at : edit.start], edit.text]
        at = edit.end
    return b"".join([*pieces, source[at:]])
