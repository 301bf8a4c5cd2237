"""Codes as people write them: with blanks, hyphens and a name in front."""

import re
import string

from services.mcp.contract import ToolError

MAX_CODE_CHARS = 64
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015.]+")
_NUMBERED = re.compile(r"\s*[a-z]+[\s-]?(?:8|10|12|13|14)[\s:]", re.ASCII | re.IGNORECASE)
_CHARACTERS = re.compile(r"[0-9A-Za-z:]+", re.ASCII)


def compact(text: str, argument: str, *names: str) -> str:
    """Code in capitals without separators and without one of its names in front. Raises ToolError."""
    code = _SEPARATORS.sub("", text)
    if not _CHARACTERS.fullmatch(code):
        raise _foreign(argument, "letters, digits, blanks, hyphens and dots")
    code = code.upper().replace(":", "")
    name = next((name for name in names if _is_named(code, name)), "")
    if name.isalpha() and _NUMBERED.match(text):
        raise ToolError("ambiguous", f"{argument}: leave out {name}, the number behind it may belong to the code")
    return code.removeprefix(name)


def _is_named(code: str, name: str) -> bool:
    """Whether a name precedes the code; EAN13 counts as a name only before 13 more digits."""
    number = name.lstrip(string.ascii_uppercase)
    return code.startswith(name) and (not number or len(code) == len(name) + int(number))


def digits_of(text: str, argument: str, *names: str) -> str:
    """Digits of a code of digits only. Raises ToolError."""
    code = compact(text, argument, *names)
    if not code.isdigit():
        raise _foreign(argument, "digits, blanks, hyphens and dots")
    return code


def _foreign(argument: str, allowed: str) -> ToolError:
    return ToolError("invalid_argument", f"{argument}: only {allowed} belong there")
