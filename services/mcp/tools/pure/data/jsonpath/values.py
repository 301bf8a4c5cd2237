"""Comparison of JSON values by RFC 9535 2.3.5.2.2, and patterns of RFC 9485."""

import re
from typing import Final, TypeAlias

from iregexp_check import check
from pydantic import JsonValue

from services.mcp.tools.pure.text.patterns import Pattern, compiled


class Nothing:
    """The absence of a value, which equals itself only."""


NOTHING: Final = Nothing()
Comparable: TypeAlias = JsonValue | Nothing

_PART = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.", re.DOTALL)


def equal(left: Comparable, right: Comparable) -> bool:
    """Whether two values are equal; true is not 1, arrays and objects are compared deeply."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def less(left: Comparable, right: Comparable) -> bool:
    """Whether left is less: numbers with numbers, texts with texts by code points, else false."""
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left < right
    return isinstance(left, str) and isinstance(right, str) and left < right


def length(value: Comparable) -> Comparable:
    """Number of characters, items or members; Nothing for other values."""
    return len(value) if isinstance(value, str | list | dict) else NOTHING


def i_regexp(pattern: str) -> Pattern | None:
    """A pattern of RFC 9485 for RE2; None for an invalid one. A dot stops at CR and LF (section 5 of the RFC)."""
    if not check(pattern):
        return None
    return compiled(_PART.sub(lambda part: "[^\\n\\r]" if part.group() == "." else part.group(), pattern))
