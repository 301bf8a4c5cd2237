"""Chemical formulas: brackets, hydrates, charges and nuclides.

    formula = part {("·" | "*" | ".") part} [charge] [state]
    part    = [count] unit {unit}
    unit    = (element | nuclide | "(" part ")" | "[" part "]" | "{" part "}") [count]
    nuclide = "^13C" | "[13C]" | "13C" with raised digits | "D" | "T"

What chemists write in one way and mean in two is refused: `3He` at the beginning, `La1.8O`, `SO42-`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.units.charges import split_charge
from services.mcp.tools.pure.units.elements import Atom, atom, elements

MAX_FORMULA_CHARS = 200
MAX_COUNT = 100_000
MAX_NESTING = 16

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_DOT = re.compile("[·⋅•∙*\u00b7]|\\.(?!\\d)|(?<=[A-Za-z)\\]}])\\.")
_NUCLIDE = re.compile("\\^(\\d{1,3})([A-Z][a-z]?)|\\[\\^?(\\d{1,3})([A-Z][a-z]?)\\]|([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})([A-Z][a-z]?)")
_ELEMENT = re.compile(r"[A-Z][a-z]?", re.ASCII)
_HYDRATE = re.compile(r"(?<!0)(?<![·⋅•∙*]\d)(?<![·⋅•∙*]\d\d)\.(\d{1,2})H2O$", re.ASCII)
_STATE = re.compile(r"\((?:aq|g|l|s)\)$")
_BOND = re.compile("(?<=[A-Za-z\\d)\\]])[-=\u2013\u2261](?=[A-Z(\\[])")
_TORN_NUMBER = re.compile(r"\d\s+\d", re.ASCII)
_COUNT = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_PREFIX = re.compile(r"(\d+)([A-Z][a-z]?)", re.ASCII)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_SURELY_NO_COUNT = 10

Atoms = dict[Atom, Fraction]


@dataclass(frozen=True, slots=True)
class Composition:
    """How many of which atoms, and the charge in elementary charges."""

    atoms: Mapping[Atom, Fraction]
    charge: int
    notes: tuple[str, ...]


def read_formula(text: str) -> Composition:
    """Contents of a formula. Raises ToolError."""
    charged = split_charge(_STATE.sub("", text.strip().translate(_SUBSCRIPTS)))
    if _TORN_NUMBER.search(charged.body):
        raise ToolError("ambiguous", "formula: a space stands between two numbers; write a dot, as in CuSO4·5H2O")
    body, hydrate = _HYDRATE.subn(r"·\1H2O", _BOND.sub("", re.sub(r"\s+", "", charged.body)))
    notes = [charged.note] if charged.note else []
    if hydrate:
        notes.append("a point before H2O is read as the dot of a hydrate")
    first, *others = _DOT.split(body)
    prefix = _nuclide_prefix(first)
    if prefix is not None:
        notes.append(f"{prefix} is read as a nuclide, not as a number of formula units")
        first = f"^{first}"
    total: Atoms = {}
    for part in (first, *others):
        _add(total, _Reader(part).part(), Fraction(1))
    if not total:
        raise ToolError("invalid_argument", "formula: an element is missing")
    return Composition(total, charged.charge, tuple(notes))


def _nuclide_prefix(part: str) -> str | None:
    """`13C` where a formula begins with a nuclide. Raises ToolError where the digits may be a count."""
    found = _PREFIX.match(part)
    element = elements().get(found[2]) if found else None
    if found is None or element is None:
        return None
    number = int(found[1])
    if number in element.others_in_nature and number > _SURELY_NO_COUNT:
        return found.group()
    known = number > _SURELY_NO_COUNT and number in element.nuclides  # `235U`, `60Co`
    if known or number in element.others_in_nature or number == element.most_abundant:
        shown = found.group()
        raise ToolError(
            "ambiguous", f"formula: {shown} may be a nuclide or a count: write ^{shown} or {number}·({found[2]}...)"
        )
    return None


class _Reader:
    """Walks over one part once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0

    def part(self) -> Atoms:
        """Atoms of the whole text, times the count before it."""
        total: Atoms = {}
        count = self._count(before_part=True)
        _add(total, self._units(closing=""), count)
        return total

    def _units(self, closing: str) -> Atoms:
        total: Atoms = {}
        while self._position < len(self._text) and self._text[self._position] != closing:
            atoms = self._unit()
            _add(total, atoms, self._count())
        if not total:
            raise self._unreadable("an element is missing")
        return total

    def _unit(self) -> Atoms:
        if nuclide := _NUCLIDE.match(self._text, self._position):
            self._position = nuclide.end()
            number, symbol = [group for group in nuclide.groups() if group]
            return {atom(symbol, int(number.translate(_RAISED))): Fraction(1)}
        opening = self._text[self._position]
        if opening in _CLOSING:
            return self._bracket(_CLOSING[opening])
        element = _ELEMENT.match(self._text, self._position)
        if element is None:
            raise self._unreadable("an element is a capital letter, or a capital and a small one")
        self._position = element.end()
        return {atom(element.group(), None): Fraction(1)}

    def _bracket(self, closing: str) -> Atoms:
        self._position += 1
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ToolError("limit_exceeded", f"formula: the limit is {MAX_NESTING} nested brackets")
        inner = self._units(closing)
        if self._position >= len(self._text):
            raise self._unreadable(f"{closing} is missing")
        self._position += 1
        self._depth -= 1
        return inner

    def _count(self, *, before_part: bool = False) -> Fraction:
        found = _COUNT.match(self._text, self._position)
        if found is None:
            return Fraction(1)
        following = self._text[found.end() : found.end() + 1]
        may_be_dot = "." in found.group() and not found.group().startswith("0.")
        if may_be_dot and following and not before_part:
            raise ToolError("ambiguous", "formula: a point between digits: write a hydrate with ·, such as CuSO4·5H2O")
        self._position = found.end()
        count = Fraction(found.group())
        if not 0 < count <= MAX_COUNT or len(found.group()) > len(str(MAX_COUNT)) + 6:
            raise ToolError("limit_exceeded", f"formula: a count is above 0 and at most {MAX_COUNT:,}")
        return count

    def _unreadable(self, why: str) -> ToolError:
        return ToolError("invalid_argument", f"formula: {why} (character {self._position + 1} of its part)")


def _add(total: Atoms, atoms: Mapping[Atom, Fraction], count: Fraction) -> None:
    for found, number in atoms.items():
        total[found] = total.get(found, Fraction(0)) + number * count
