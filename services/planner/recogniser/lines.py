"""Lines of a question: rulers, closings, and blocks of text that become one quoted text."""

import re
from collections.abc import Sequence

from services.planner.recogniser.filler import is_filler

_RULER = re.compile(r"\s*([-=~*_#+.])\1{2,}\s*")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_THANKS = re.compile(
    r"(?:many )?(?:thanks|thank you|thx|cheers|please|danke|vielen dank|bitte|lg|gruß)\b", re.IGNORECASE
)


def is_ruler(line: str) -> bool:
    """True for a line of one sign: `-----`."""
    return _RULER.fullmatch(line) is not None


def is_closing(line: str) -> bool:
    """True for thanks and greetings: `Thanks a lot!`."""
    found = _THANKS.match(line.strip())
    return found is not None and all(is_filler(word) for word in _WORD.findall(line[found.end() :].lower()))


def trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at both ends."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def without_rulers(lines: Sequence[str]) -> list[str]:
    """The lines without a pair of rulers around them."""
    bare = trimmed(lines)
    is_framed = len(bare) > 2 and is_ruler(bare[0]) and is_ruler(bare[-1])
    return trimmed(bare[1:-1]) if is_framed else bare


def quoted_block(text: str) -> str | None:
    """The text in code marks; None if it is empty or has such marks itself."""
    return f"`{text}`" if text.strip() and "`" not in text else None
