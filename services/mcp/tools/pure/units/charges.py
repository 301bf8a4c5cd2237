"""The charge at the end of a formula, distinguished from a count: `SO4^2-`, `NH4+`, `Fe3+`, `[Fe(CN)6]4-`."""

import re
from dataclasses import dataclass

from services.mcp.contract import ToolError

MAX_CHARGE = 20

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_MARKED = re.compile(
    r"(?:\^\(?(?P<caret>\d*[+-]|[+-]\d*)\)?|\((?P<bracketed>\d*[+-]|[+-]\d+)\)|\s+(?P<spaced>\d*[+-]|[+-]\d+))$",
    re.ASCII,
)
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]*[⁺⁻]$")
_SIGNS = re.compile(r"(?:\+{1,6}|-{1,6})$")
_STRANGE = re.compile(r"[^A-Za-z0-9()\[\]]")  # a message is one line of plain characters
_DIGITS = re.compile(r"\d+$", re.ASCII)
_LONE_ELEMENT = re.compile(r"[A-Z][a-z]?", re.ASCII)
_MOLECULAR = frozenset(
    (
        "H",
        "He",
        "B",
        "C",
        "N",
        "O",
        "F",
        "Ne",
        "Si",
        "P",
        "S",
        "Cl",
        "Ar",
        "As",
        "Se",
        "Br",
        "Kr",
        "Te",
        "I",
        "Xe",
        "Hg",
    )
)


@dataclass(frozen=True, slots=True)
class Charged:
    """A formula without its charge; `note` names the text read as the charge, where a count was possible."""

    body: str
    charge: int
    note: str | None = None


def split_charge(text: str) -> Charged:
    """Raises ToolError(ambiguous) where digits before a sign may be a count or a charge."""
    if raised := _SUPERSCRIPT.search(text):
        return Charged(text[: raised.start()], _value(raised.group().translate(_RAISED)))
    if marked := _MARKED.search(text):
        return Charged(text[: marked.start()], _value(marked["caret"] or marked["bracketed"] or marked["spaced"]))
    signs = _SIGNS.search(text)
    if signs is None:
        return Charged(text, 0)
    body = text[: signs.start()]
    size = len(signs.group()) * (1 if signs.group()[0] == "+" else -1)
    digits = _DIGITS.search(body)
    return Charged(body, size) if digits is None else _with_digits(body, digits.group(), size)


def _with_digits(body: str, digits: str, size: int) -> Charged:
    before = body[: -len(digits)]
    if abs(size) > 1 or len(digits) > 1 or before.endswith(")"):
        raise _unclear(before, digits, size)
    if before.endswith("]"):
        return Charged(before, size * int(digits))
    if not _LONE_ELEMENT.fullmatch(before):
        return Charged(body, size)
    if before in _MOLECULAR:
        raise _unclear(before, digits, size)
    return Charged(before, size * int(digits), f"{digits}{'+' if size > 0 else '-'} is read as the charge")


def _value(written: str) -> int:
    number = int(written.strip("+-") or 1)
    if number > MAX_CHARGE:
        raise ToolError("limit_exceeded", f"formula: the limit of a charge is {MAX_CHARGE}")
    return -number if "-" in written else number


def _unclear(before: str, digits: str, size: int) -> ToolError:
    """Name both readings: the last digit as the charge, and all digits as a count."""
    shown, sign = _STRANGE.sub("", before)[-12:], "+" if size > 0 else "-"
    readings = f"{shown}{digits[:-1]}^{digits[-1]}{sign} or {shown}{digits}^{sign}"
    return ToolError("ambiguous", f"formula: mark the charge with ^, such as {readings}")
