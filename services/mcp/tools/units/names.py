"""From a written name to the units that it may mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache

from services.mcp.tools.contract import ToolError
from services.mcp.tools.units.dimensions import base
from services.mcp.tools.units.table import Choice, Prefix, Row, Unit, choices, symbol_prefixes, word_prefixes

_POWER_WORDS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3, "quadrat": 2, "kubik": 3}
_LOGARITHMIC = frozenset({"db", "dbm", "dbi", "dbw", "dbv", "dba", "decibel", "dezibel", "bel", "neper", "np"})
_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class Meaning:
    """The units that a name may stand for, raised to a power. More than one where the name is ambiguous."""

    units: tuple[Unit, ...]
    power: int = 1
    preferred: frozenset[str] = frozenset()


@dataclass(slots=True)
class Vocabulary:
    """All names. Filled once, while the table is read."""

    symbols: dict[str, Unit] = field(default_factory=dict)
    words: dict[str, Unit] = field(default_factory=dict)
    by_name: dict[str, Unit] = field(default_factory=dict)
    ambiguous: Mapping[str, Choice] = field(default_factory=choices)
    symbol_prefixes: Mapping[str, Prefix] = field(default_factory=symbol_prefixes)
    word_prefixes: Mapping[str, Prefix] = field(default_factory=word_prefixes)

    def add(self, row: Row, unit: Unit) -> None:
        self.by_name[unit.name] = unit
        self.symbols |= dict.fromkeys(row.symbols, unit)
        for word in row.words:
            self.words.setdefault(word.lower(), unit)

    def find(self, written: str) -> Meaning | None:
        """Return what a name means, or None: exact symbols first, then words without regard to case."""
        lowered = written.lower()
        if lowered in _LOGARITHMIC:
            return None
        exact = self.symbols.get(written)
        if exact is None and (choice := self.ambiguous.get(written)) is not None:
            return self._chosen(choice)
        unit = exact or self._prefixed(written, self.symbol_prefixes, self.symbols) or self.words.get(lowered)
        if unit is not None:
            return Meaning((unit,))
        choice = self._lowered_choices().get(lowered)
        if choice is not None and len(written) > 2:
            return self._chosen(choice)
        unit = self._prefixed(lowered, self.word_prefixes, self.words)
        if unit is not None:
            return Meaning((unit,))
        return self._prefixed_choice(written) or self._powered(written) or self._in_other_case(lowered)

    def require(self, written: str, argument: str) -> Meaning:
        """Return what a name means. Raises ToolError with names that are near."""
        found = self.find(written)
        if found is not None:
            return found
        shown = written[:_NAME_CHARS]
        if written.lower() in _LOGARITHMIC:
            raise ToolError("domain_error", f"{argument}: {shown!a} is a logarithmic unit; those are not converted")
        near = get_close_matches(written.lower()[:_NAME_CHARS], self.words, n=3, cutoff=0.75)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ToolError("invalid_argument", f"{argument}: there is no unit named {shown!a}{hint}")

    def _chosen(self, choice: Choice) -> Meaning:
        return Meaning(tuple([self.by_name[name] for name in choice.candidates]), preferred=choice.preferred)

    def _prefixed(self, written: str, prefixes: Mapping[str, Prefix], names: Mapping[str, Unit]) -> Unit | None:
        for start in range(1, min(7, len(written))):
            prefix, unit = prefixes.get(written[:start]), names.get(written[start:])
            if prefix is not None and unit is not None and prefix.family in unit.prefixes:
                return unit.scaled(prefix)
        return None

    def _prefixed_choice(self, written: str) -> Meaning | None:
        """Read `nF` and `Mcal`: of an ambiguous symbol only the units that take prefixes are left."""
        for start in (1, 2):
            prefix, choice = self.symbol_prefixes.get(written[:start]), self.ambiguous.get(written[start:])
            if prefix is None or choice is None:
                continue
            names = [name for name in choice.candidates if prefix.family in self.by_name[name].prefixes]
            if names:
                preferred = frozenset(f"{prefix.name}{name}" for name in names if name in choice.preferred)
                return Meaning(tuple([self.by_name[name].scaled(prefix) for name in names]), preferred=preferred)
        return None

    def _in_other_case(self, lowered: str) -> Meaning | None:
        """Read `KW` and `LBS`, if no other symbol has these letters: `MHZ` may be mega or milli."""
        found = {unit.name: unit for symbol, unit in self.symbols.items() if symbol.lower() == lowered}
        for sign, prefix in self.symbol_prefixes.items():
            rest = lowered.removeprefix(sign.lower())
            for symbol, unit in self.symbols.items() if rest != lowered and _is_usual(prefix) else ():
                if symbol.lower() == rest and prefix.family in unit.prefixes:
                    found[f"{prefix.name}{unit.name}"] = unit.scaled(prefix)
        return Meaning(tuple(found.values())) if len(found) == 1 else None

    def _powered(self, written: str) -> Meaning | None:
        """Read `square meter`, `sq ft`, `Quadratmeter`, `Kubikzentimeter`, `m3`, `meter squared`."""
        lowered = written.lower()
        for word, power in _POWER_WORDS.items():
            if lowered.startswith(word) and (rest := written[len(word) :].strip(" .")):
                meaning = _raised(self.find(rest), power)
                return meaning if written[len(word)] in " ." else _of_lengths(meaning)
        for word, power in {" squared": 2, " cubed": 3}.items():
            if lowered.endswith(word):
                return _raised(self.find(written[: -len(word)]), power)
        if written[-1:] in ("2", "3", "4") and written[-2:-1].isalpha():
            return _raised(self.find(written[:-1]), int(written[-1]))
        return None

    def _lowered_choices(self) -> Mapping[str, Choice]:
        return _lowered(tuple(self.ambiguous.items()))


@lru_cache(maxsize=1)
def _lowered(items: tuple[tuple[str, Choice], ...]) -> Mapping[str, Choice]:
    return {name.lower(): choice for name, choice in items}


def _is_usual(prefix: Prefix) -> bool:
    """Whether people may have meant a prefix that they wrote in the other case: from pico to tera."""
    return Fraction(1, 10**12) <= prefix.factor <= 10**12


def _of_lengths(meaning: Meaning | None) -> Meaning | None:
    """Keep `sqft` and `Quadratmeter`; `sqrt`, `SQL` and `squares` are no units."""
    fits = meaning is not None and all(unit.dimension == base("length") for unit in meaning.units)
    return meaning if fits else None


def _raised(meaning: Meaning | None, power: int) -> Meaning | None:
    if meaning is None or meaning.power != 1:
        return None
    return Meaning(meaning.units, power, meaning.preferred)
