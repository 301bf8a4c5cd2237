"""The table of fundamental constants, read when this module is imported."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache

from services.mcp.contract import ToolError
from services.mcp.tools.pure.units.magnitudes import Magnitude
from services.mcp.tools.pure.units.table import TABLES

YEAR = 2022
SOURCE = "CODATA recommended values of the fundamental physical constants 2022 (NIST)"

_DEFINING = {
    "h": Fraction("6.62607015e-34"),
    "e": Fraction("1.602176634e-19"),
    "k": Fraction("1.380649e-23"),
    "NA": Fraction("6.02214076e23"),
    "c": Fraction(299792458),
    "T0": Fraction("273.15"),
    "atm": Fraction(101325),
    "bar": Fraction(100000),
}
_ARTICLE = re.compile(r"^(?:the|der|die|das) ")
_NAME_CHARS = 40
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉∞", "0123456789∞")


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant as CODATA publishes it. `formula` is the exact value where the published digits are truncated."""

    name: str
    german: str | None
    symbol: str | None
    published: str
    uncertainty: str | None
    unit: str
    formula: Magnitude | None

    @property
    def cut_off(self) -> bool:
        return "..." in self.published

    @property
    def digits(self) -> str:
        return self.published.replace("...", "")


@dataclass(frozen=True, slots=True)
class _Naming:
    symbols: tuple[str, ...]
    words: tuple[str, ...]
    german: str
    formula: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Constants by symbol, in which case matters, and by name, in which it does not."""

    by_symbol: Mapping[str, Constant]
    by_word: Mapping[str, Constant]

    def require(self, written: str) -> Constant:
        """Constant of a symbol or a name. Raises ToolError with similar names."""
        plain = " ".join(written.split())
        word = _ARTICLE.sub("", plain.lower())
        found = (
            self.by_symbol.get(plain)
            or self.by_symbol.get(_symbol_key(plain))
            or self.by_word.get(word)
            or self.by_word.get(_without_marks(word))
        )
        if found is not None:
            return found
        near = get_close_matches(word[:_NAME_CHARS], self.by_word, n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ToolError("not_found", f"name: CODATA {YEAR} has no {plain[:_NAME_CHARS]!a} here{hint}")


def _cells(file: str) -> list[list[str]]:
    text = (TABLES / file).read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line[:1] not in ("", "#")]


def _listed(cell: str) -> tuple[str, ...]:
    return tuple([part.strip() for part in cell.split(",") if part.strip()])


def _namings() -> Mapping[str, _Naming]:
    found = {}
    for name, symbols, english, german, formula in _cells("constant_names.txt"):
        names = _listed(german)
        found[name] = _Naming(_listed(symbols), (*_listed(english), *names), names[0], formula)
    return found


def _exact(formula: str) -> Magnitude:
    """Product of factors such as `2/15 pi^5 k^4 h^-3`."""
    value, turns = Fraction(1), 0
    for factor in formula.split():
        name, _, exponent = factor.partition("^")
        power = int(exponent or 1)
        if name == "pi":
            turns += power
        else:
            value *= _DEFINING[name] ** power if name in _DEFINING else Fraction(name)
    return Magnitude.of(value, turns)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    namings = _namings()
    by_symbol: dict[str, Constant] = {}
    by_word: dict[str, Constant] = {}
    for name, value, uncertainty, unit in _cells("constants.txt"):
        naming = namings.get(name, _Naming((), (), "", ""))
        constant = Constant(
            name=name,
            german=naming.german or None,
            symbol=naming.symbols[0] if naming.symbols else None,
            published=value,
            uncertainty=None if uncertainty == "exact" else uncertainty,
            unit=unit or "1",
            formula=_exact(naming.formula) if naming.formula else None,
        )
        by_symbol |= dict.fromkeys((*naming.symbols, *map(_symbol_key, naming.symbols)), constant)
        for word in (name, *naming.words):
            by_word.setdefault(word.lower(), constant)
            by_word.setdefault(_without_marks(word.lower()), constant)
    return Catalogue(by_symbol, by_word)


def _symbol_key(symbol: str) -> str:
    """Normal form of a symbol: `μ₀`, `µ0` and `μ_0` are one."""
    return symbol.replace("\u00b5", "\u03bc").replace("_", "").translate(_SUBSCRIPTS)


def _without_marks(word: str) -> str:
    return word.replace("-", " ").replace("_", " ").replace("'", "").replace("\u2019", "")


catalogue()
