"""The table of units: exact factors, read from `tables/` when the module is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from services.mcp.tools.pure.units import dimensions
from services.mcp.tools.pure.units.dimensions import Dimension
from services.mcp.tools.pure.units.magnitudes import Magnitude

TABLE_VERSION = (
    "units 4 (pint 0.25.3, SI Brochure 9th ed. 2019, NIST SP 811 2008, NIST HB 44, UK SI 1995/1804, CODATA 2022)"
)
TABLES = Path(__file__).parent / "tables"

_SI_PREFIXES = (
    ("quetta", "quetta", "Q", 30), ("ronna", "ronna", "R", 27), ("yotta", "yotta", "Y", 24),
    ("zetta", "zetta", "Z", 21), ("exa", "exa", "E", 18), ("peta", "peta", "P", 15), ("tera", "tera", "T", 12),
    ("giga", "giga", "G", 9), ("mega", "mega", "M", 6), ("kilo", "kilo", "k", 3), ("hecto", "hekto", "h", 2),
    ("deca", "deka", "da", 1), ("deci", "dezi", "d", -1), ("centi", "zenti", "c", -2), ("milli", "milli", "m", -3),
    ("micro", "mikro", "µ", -6), ("nano", "nano", "n", -9), ("pico", "piko", "p", -12),
    ("femto", "femto", "f", -15), ("atto", "atto", "a", -18), ("zepto", "zepto", "z", -21),
    ("yocto", "yokto", "y", -24), ("ronto", "ronto", "r", -27), ("quecto", "quekto", "q", -30),
)  # fmt: skip
_BINARY_PREFIXES = (
    ("kibi", "Ki"), ("mebi", "Mi"), ("gibi", "Gi"), ("tebi", "Ti"), ("pebi", "Pi"), ("exbi", "Ei"), ("zebi", "Zi"),
    ("yobi", "Yi"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a multiple of the coherent SI unit; `offset` leads from a temperature in it to kelvin."""

    name: str
    scale: Magnitude
    dimension: Dimension
    offset: Fraction | None = None
    measured: bool = False
    prefixes: frozenset[str] = frozenset()

    @property
    def is_difference(self) -> bool:
        """Whether it is a temperature difference: `Δ°C`, which has no zero point."""
        return self.name.startswith("delta_")

    def scaled(self, prefix: "Prefix") -> "Unit":
        return Unit(f"{prefix.name}{self.name}", self.scale.times(Magnitude.of(prefix.factor)), self.dimension,
                    measured=self.measured)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prefix:
    name: str
    factor: Fraction
    family: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, before its definition is understood."""

    name: str
    definition: str
    symbols: tuple[str, ...]
    words: tuple[str, ...]
    flags: frozenset[str]


def _listed(cell: str) -> tuple[str, ...]:
    return tuple([part.strip() for part in cell.split(",") if part.strip()])


def _lines(file: str) -> list[list[str]]:
    text = (TABLES / file).read_text(encoding="utf-8")
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line and line[0] != "#"]


def rows() -> list[Row]:
    """In order: a definition uses only lines above it."""
    return [
        Row(name, definition, _listed(symbols), (name, name.replace("_", " "), *_listed(english), *_listed(german)),
            frozenset(flags.split()))
        for name, definition, symbols, english, german, flags in _lines("units.txt")
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A name of several units: for each dimension the candidates, and the one that is taken, if any is."""

    candidates: tuple[str, ...]
    preferred: frozenset[str]


def choices() -> Mapping[str, Choice]:
    """Ambiguous names as spelled in their table."""
    found: dict[str, Choice] = {}
    for names, cell in _lines("ambiguous.txt"):
        marked = _listed(cell)
        plain = tuple([name.removeprefix("*") for name in marked])
        preferred = frozenset(name.removeprefix("*") for name in marked if name.startswith("*"))
        found |= dict.fromkeys(_listed(names), Choice(plain, preferred))
    return found


def symbol_prefixes() -> Mapping[str, Prefix]:
    prefixes = {symbol: _decimal(name, power) for name, _, symbol, power in _SI_PREFIXES}
    prefixes |= {other: prefixes["µ"] for other in ("\u03bc", "u")}
    binary = enumerate(_BINARY_PREFIXES, 1)
    return prefixes | {symbol: Prefix(name, Fraction(1024**power), "bin") for power, (name, symbol) in binary}


def prefix_families(flags: frozenset[str]) -> frozenset[str]:
    """Prefixes of a unit; none below one if it has no parts: `mb` is no thousandth bit."""
    return flags & {"large", "bin"} | ({"large", "small"} if "si" in flags else frozenset())


def _decimal(name: str, power: int) -> Prefix:
    return Prefix(name, Fraction(10) ** power, "large" if power > 0 else "small")


def word_prefixes() -> Mapping[str, Prefix]:
    prefixes = {}
    for english, german, _, power in _SI_PREFIXES:
        prefixes[english] = prefixes[german] = _decimal(english, power)
    binary = enumerate(_BINARY_PREFIXES, 1)
    return prefixes | {name: Prefix(name, Fraction(1024**power), "bin") for power, (name, _) in binary}


BASE_DIMENSIONS = frozenset(dimensions.BASES)
