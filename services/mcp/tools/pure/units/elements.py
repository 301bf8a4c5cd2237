"""Elements and nuclides with their masses, read when this module is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from services.mcp.contract import ToolError
from services.mcp.tools.pure.units.table import TABLES

WEIGHTS_VERSION = "IUPAC standard atomic weights 2021 (intervals: conventional value); AME2020 nuclide masses"
WEIGHTS_YEAR = 2021
ELECTRON_MASS = Fraction("5.485799090441e-4")  # u, CODATA 2022

_HYDROGEN_NAMES = {"D": 2, "T": 3}


@dataclass(frozen=True, slots=True)
class Element:
    """An element. `weight` is None where no standard atomic weight exists; `interval` says that it varies in nature."""

    number: int
    symbol: str
    weight: Fraction | None
    interval: str | None
    nuclides: Mapping[int, str]  # written decimals: thousands of fractions would be made for nothing
    most_abundant: int | None
    others_in_nature: frozenset[int]


@dataclass(frozen=True, slots=True, order=True)
class Atom:
    """An element as found in nature, or one nuclide of it."""

    symbol: str
    mass_number: int | None = None

    @property
    def label(self) -> str:
        return self.symbol if self.mass_number is None else f"^{self.mass_number}{self.symbol}"


def _rows(file: str) -> list[list[str]]:
    text = (TABLES / file).read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line[:1] not in ("", "#")]


@lru_cache(maxsize=1)
def elements() -> Mapping[str, Element]:
    """By symbol."""
    nuclides = {symbol: masses for symbol, masses in _rows("nuclides.txt")}
    return {row[1]: _element(row, nuclides.get(row[1], "")) for row in _rows("elements.txt")}


def _element(row: list[str], nuclides: str) -> Element:
    number, symbol, _, weight, interval = row
    pairs = [entry.strip().split(":") for entry in nuclides.split(",") if entry.strip()]
    abundant = [int(mass_number[:-1]) for mass_number, _ in pairs if mass_number.endswith("!")]
    return Element(
        number=int(number),
        symbol=symbol,
        weight=Fraction(weight) if weight else None,
        interval=interval or None,
        nuclides={int(mass_number.rstrip("!*")): mass for mass_number, mass in pairs},
        most_abundant=abundant[0] if abundant else None,
        others_in_nature=frozenset(int(mass_number[:-1]) for mass_number, _ in pairs if mass_number.endswith("*")),
    )


def atom(symbol: str, mass_number: int | None) -> Atom:
    """Atom of a symbol; D and T are hydrogen-2 and hydrogen-3. Raises ToolError."""
    if symbol in _HYDROGEN_NAMES and mass_number is None:
        return Atom("H", _HYDROGEN_NAMES[symbol])
    element = elements().get(symbol)
    if element is None:
        raise ToolError("invalid_argument", f"formula: there is no element {symbol[:10]!a}")
    if mass_number is not None and mass_number not in element.nuclides:
        raise ToolError("not_found", f"formula: the mass of {symbol}-{mass_number} is not in the table")
    return Atom(symbol, mass_number)


def mass_of(found: Atom) -> Fraction:
    """Mass of an atom in u. Raises ToolError where an element has no standard atomic weight."""
    element = elements()[found.symbol]
    if found.mass_number is not None:
        return Fraction(element.nuclides[found.mass_number])
    if element.weight is None:
        raise ToolError(
            "domain_error", f"formula: {found.symbol} has no standard atomic weight; write a nuclide with ^"
        )
    return element.weight


elements()
