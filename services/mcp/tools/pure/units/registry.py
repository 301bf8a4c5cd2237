"""The registry of pint as a table: names, prefixes and exact factors, generated into `tables/registry.txt`.

Lines are understood when their units are first used: a worker pays for those that it converts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from services.mcp.tools.pure.units.dimensions import SYMBOLS, Dimension
from services.mcp.tools.pure.units.magnitudes import Magnitude
from services.mcp.tools.pure.units.table import TABLES, Prefix, Unit

Refused = Literal["logarithmic", "gaussian"]

_LONGEST_PREFIX = 6
_SHORTEST_WORD = 4
_EVERY_FAMILY = frozenset({"large", "small", "bin"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a name: an optional prefix, the written name behind it, and the unit of that name."""

    prefix: Prefix | None
    written: str
    unit: str


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of units and of prefixes, in one spelling."""

    units: Mapping[str, str]
    prefixes: Mapping[str, Prefix]

    def readings(self, written: str) -> tuple[Reading, ...]:
        """Read it as pint does: as a name, as a prefix and a name, as a plural of either."""
        if unit := self.units.get(written):
            return (Reading(None, written, unit),)
        stem = written[:-1] if written.endswith("s") else ""
        return self._prefixed(written, shortest=1) or self._plural(stem)

    def _plural(self, stem: str) -> tuple[Reading, ...]:
        if len(stem) > 1 and (unit := self.units.get(stem)):
            return (Reading(None, stem, unit),)
        return self._prefixed(stem, shortest=2)

    def split(self, written: str, shortest: int = 1) -> Iterator[tuple[Prefix, str]]:
        """Yield every prefix that it begins with, and the rest."""
        for end in range(1, min(_LONGEST_PREFIX, len(written) - shortest) + 1):
            if (prefix := self.prefixes.get(written[:end])) is not None:
                yield prefix, written[end:]

    def _prefixed(self, written: str, shortest: int) -> tuple[Reading, ...]:
        parts = self.split(written, shortest)
        return tuple([Reading(prefix, rest, unit) for prefix, rest in parts if (unit := self.units.get(rest))])


@dataclass(slots=True)
class Registry:
    """All units by their names. Units are made when they are wanted."""

    _lines: dict[str, str] = field(default_factory=dict)
    _exact: _Names = field(default_factory=lambda: _Names({}, {}))
    _lowered: _Names = field(default_factory=lambda: _Names({}, {}))
    _units: dict[str, Unit | None] = field(default_factory=dict)

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Registry":
        names: dict[str, str] = {}
        rows: dict[str, str] = {}
        symbols: dict[str, Prefix] = {}
        words: dict[str, Prefix] = {}
        for line in lines:
            name, _, rest = line.partition("|")
            if name == "prefix":
                prefix = _prefix(rest)
                words[prefix.name] = prefix
                symbols |= dict.fromkeys((prefix.name, *_others(line)), prefix)
                continue
            rows[name] = rest
            names |= dict.fromkeys((name, *_others(line)), name)
        lowered = {name.lower(): unit for name, unit in names.items() if len(name) >= _SHORTEST_WORD}
        return cls(rows, _Names(names, symbols), _Names(lowered, words))

    @property
    def words(self) -> Iterable[str]:
        """Lower-case names that are long enough to match a misspelling."""
        return self._lowered.units

    def readings(self, written: str) -> tuple[Reading, ...]:
        """Meanings of an exact name; `in Hg` is `in_Hg`, but `N A` is not `N_A`."""
        return self._exact.readings(_joined(written))

    def readings_in_any_case(self, written: str) -> tuple[Reading, ...]:
        return self._lowered.readings(_joined(written).lower())

    def prefixed(self, written: str) -> Iterator[tuple[Prefix, str]]:
        """Yield every prefix by its name that it begins with, and the rest."""
        return self._lowered.split(written)

    def unit(self, name: str) -> Unit:
        """Raises KeyError for one that has no factor."""
        unit = self.convertible(name)
        if unit is None:
            raise KeyError(name)
        return unit

    def convertible(self, name: str) -> Unit | None:
        """Unit, or None where it has no factor."""
        if name not in self._units:
            self._units[name] = _unit(name, self._lines[name])
        return self._units[name]

    def refused(self, name: str) -> Refused | None:
        """Reason why a unit has no factor."""
        kind = self._lines[name].split("|")[3]
        return "logarithmic" if kind == "logarithmic" else "gaussian" if kind == "gaussian" else None


@lru_cache(maxsize=1)
def registry() -> Registry:
    text = (TABLES / "registry.txt").read_text(encoding="utf-8")
    return Registry.read(line for line in text.splitlines() if line[0] != "#")


def _others(line: str) -> list[str]:
    others = line[line.rindex("|") + 1 :]
    return others.split(", ") if others else []


def _joined(written: str) -> str:
    parts = written.split(" ")
    return "_".join(parts) if len(parts) > 1 and all(len(part) > 1 for part in parts) else written


def _prefix(rest: str) -> Prefix:
    name, factor, _ = rest.split("|")
    value = Fraction(factor)
    binary = value > 1 and value.denominator == 1 and value.numerator.bit_count() == 1
    return Prefix(name, value, "bin" if binary else "large" if value > 1 else "small")


def _unit(name: str, rest: str) -> Unit | None:
    factor, pi, bases, kind, _ = rest.split("|")
    if not factor:
        return None
    offset = Fraction(kind.removeprefix("offset ")) if kind.startswith("offset ") else None
    return Unit(
        name=name,
        scale=Magnitude.of(Fraction(factor), int(pi or 0)),
        dimension=_dimension(bases),
        offset=offset,
        measured=kind == "measured",
        prefixes=frozenset() if offset is not None else _EVERY_FAMILY,
    )


def _dimension(bases: str) -> Dimension:
    powers = dict.fromkeys(SYMBOLS, 0)
    for base in bases.split():
        symbol, _, power = base.partition("^")
        powers[symbol] = int(power or 1)
    return tuple(powers.values())
