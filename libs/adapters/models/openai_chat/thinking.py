"""Removes the thinking of a reasoning model from its answer."""

import re
from typing import Literal

_BLOCKS = (("<think>", "</think>"), ("<thinking>", "</thinking>"), ("[think]", "[/think]"))
_CLOSERS = {opener: re.compile(re.escape(closer), re.IGNORECASE) for opener, closer in _BLOCKS}
_LONGEST_CLOSER = max(len(closer) for _, closer in _BLOCKS)


class ThinkFilter:
    """Filters one answer without I/O: feed its pieces in order; the output lacks leading thinking blocks.

    Reasoning models put their thinking before the answer. So only blocks before the first word of the answer count, and
    an answer that explains the tag keeps it. An unclosed block hides everything after it.
    """

    def __init__(self) -> None:
        self._state: Literal["undecided", "thinking", "answer"] = "undecided"
        self._held = ""
        self._closer = _CLOSERS["<think>"]
        self._removed = False

    def feed(self, text: str) -> str:
        """Return the text that is certainly answer text; may be empty."""
        if self._state == "answer":
            return text
        self._held += text
        while self._advance():
            pass
        return self._released()

    def close(self) -> str:
        """Return the held text at the end: white space or half a tag, never thinking."""
        held, self._held = self._held, ""
        return "" if self._state == "thinking" else self._trimmed(held)

    def _advance(self) -> bool:
        """Advance one state; return whether the held text may allow another."""
        if self._state == "thinking":
            return self._look_for_end()
        return self._state == "undecided" and self._look_for_start()

    def _look_for_start(self) -> bool:
        start = self._held.lstrip()
        for opener, closer in _CLOSERS.items():
            if start[: len(opener)].lower() == opener:
                self._state, self._closer, self._removed = "thinking", closer, True
                self._held = start[len(opener) :]
                return True
        if not any(opener.startswith(start.lower()) for opener in _CLOSERS):
            self._state = "answer"
        return False

    def _look_for_end(self) -> bool:
        found = self._closer.search(self._held)
        if found is None:
            self._held = self._held[-_LONGEST_CLOSER:]
            return False
        self._state, self._held = "undecided", self._held[found.end() :]
        return True

    def _released(self) -> str:
        if self._state != "answer":
            return ""
        answer, self._held = self._trimmed(self._held), ""
        return answer

    def _trimmed(self, text: str) -> str:
        return text.lstrip() if self._removed else text
