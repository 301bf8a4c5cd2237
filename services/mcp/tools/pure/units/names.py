"""From a written name to its possible units.

The names of our own table precede those of the registry. Dimensions decide names with different senses in both: `Gb` is
a gigabit, and a gilbert only where a gigabit does not fit.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.units.dimensions import base
from services.mcp.tools.pure.units.registry import Reading, Refused, Registry, registry
from services.mcp.tools.pure.units.table import Choice, Prefix, Row, Unit, choices, symbol_prefixes, word_prefixes

_POWER_WORDS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3, "quadrat": 2, "kubik": 3}
_LOGARITHMIC = frozenset({"db", "dbm", "dbi", "dbw", "dbv", "dba", "decibel", "dezibel", "bel", "neper", "np"})
_REFUSED: Mapping[Refused, str] = {
    "logarithmic": "is a logarithmic unit; those are not converted",
    "gaussian": "is a unit of the Gaussian system; those have no factor to units of the SI",
}
_NAME_CHARS = 40
_REMEMBERED = 1_000
_SUGGESTIONS = 3
_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Meaning:
    """The units of a name, raised to a power. More than one for an ambiguous name."""

    units: tuple[Unit, ...]
    power: int = 1
    preferred: frozenset[str] = frozenset()
    otherwise: tuple[Unit, ...] = ()  # of other dimensions, for expressions in which none of `units` fits


@dataclass(slots=True)
class Vocabulary:
    """All names. Filled once, while the table is read."""

    symbols: dict[str, Unit] = field(default_factory=dict)
    words: dict[str, Unit] = field(default_factory=dict)
    by_name: dict[str, Unit] = field(default_factory=dict)
    ambiguous: Mapping[str, Choice] = field(default_factory=choices)
    symbol_prefixes: Mapping[str, Prefix] = field(default_factory=symbol_prefixes)
    word_prefixes: Mapping[str, Prefix] = field(default_factory=word_prefixes)
    registry: Registry = field(default_factory=registry)
    replaced: dict[str, Unit] = field(default_factory=dict)  # units of the registry by the table's names
    _lowered_choices: dict[str, Choice] = field(init=False)
    _lowered_symbols: dict[str, list[str]] = field(default_factory=dict)
    _found: dict[str, Meaning | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lowered_choices = {name.lower(): choice for name, choice in self.ambiguous.items()}

    def add(self, row: Row, unit: Unit, *, replaces: str = "") -> None:
        """Add a unit of the table. `replaces` is its unit in the registry."""
        self.by_name[unit.name] = unit
        self.symbols |= dict.fromkeys(row.symbols, unit)
        for symbol in row.symbols:
            self._lowered_symbols.setdefault(symbol.lower(), []).append(symbol)
        for word in row.words:
            self.words.setdefault(word.lower(), unit)
        if replaces:
            self.replaced[replaces] = unit
        self.forget()

    def find(self, written: str) -> Meaning | None:
        """Meaning of a name; None for an unknown one."""
        if written not in self._found:
            if len(self._found) >= _REMEMBERED:
                self.forget()
            self._found[written] = self._look_up(written)
        return self._found[written]

    def forget(self) -> None:
        """Clear the cache of looked-up names. It exists for speed only."""
        self._found.clear()

    def _look_up(self, written: str) -> Meaning | None:
        own = self._own(written)
        if own is None:
            return self._registered(written) or self._prefixed_name(written) or self._powered(written, self._registered)
        return own if own.power != 1 else self._with_other_senses(own, written)

    def require(self, written: str, argument: str) -> Meaning:
        """Meaning of a name. Raises ToolError with similar names."""
        found = self.find(written)
        if found is not None:
            return found
        shown = written[:_NAME_CHARS]
        if reason := self._refused(written):
            raise ToolError("domain_error", f"{argument}: {shown!r} {_REFUSED[reason]}")
        near = self._near(written.lower()[:_NAME_CHARS])
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ToolError("invalid_argument", f"{argument}: there is no unit named {shown!r}{hint}")

    def _own(self, written: str) -> Meaning | None:
        """Meaning of a name in the table: exact symbols first, then words without regard to case."""
        lowered = written.lower()
        if self._is_logarithmic(written):
            return None
        exact = self.symbols.get(written)
        if exact is None and (choice := self.ambiguous.get(written)) is not None:
            return self._chosen(choice)
        unit = exact or self._prefixed(written, self.symbol_prefixes, self.symbols) or self.words.get(lowered)
        if unit is not None:
            return Meaning((unit,))
        choice = self._lowered_choices.get(lowered)
        if choice is not None and len(written) > 2:
            return self._chosen(choice)
        unit = self._prefixed(lowered, self.word_prefixes, self.words)
        if unit is not None:
            return Meaning((unit,))
        guessed = self._prefixed_choice(written) or self._powered(written, self._own) or self._in_other_case(lowered)
        return guessed and self._with_rivals(guessed, written)

    def _with_rivals(self, guessed: Meaning, written: str) -> Meaning:
        """Add the units of the same dimension that the registry has by this very spelling: `MmHg`, `kton`."""
        registered = self._registered(written, in_any_case=False) if guessed.power == 1 else None
        dimensions = {unit.dimension for unit in guessed.units}
        rivals = [
            unit
            for unit in (() if registered is None else registered.units)
            if unit.dimension in dimensions and not any(_is_same(unit, other) for other in guessed.units)
        ]
        return Meaning((*guessed.units, *rivals)) if rivals else guessed

    def _with_other_senses(self, own: Meaning, written: str) -> Meaning:
        registered = self._registered(written, in_any_case=False)
        if registered is None:
            return own
        dimensions = {unit.dimension for unit in own.units}
        others = tuple([unit for unit in registered.units if unit.dimension not in dimensions])
        return replace(own, otherwise=others) if others else own

    def _registered(self, written: str, *, in_any_case: bool = True) -> Meaning | None:
        """Meaning of a name in the registry: all units with a factor among its readings."""
        if self._is_logarithmic(written):
            return None
        readings = self.registry.readings(written)
        if not readings and in_any_case:
            readings = self.registry.readings_in_any_case(written)
        units: dict[str, Unit] = {}
        preferred: set[str] = set()
        for reading in readings:
            senses = self._senses(reading)
            if not senses and len(readings) > 1:
                return None
            for unit, is_preferred in senses:
                if not any(_is_same(unit, other) for other in units.values()):
                    units[unit.name] = unit
                    preferred |= {unit.name} if is_preferred else set()
        return Meaning(tuple(units.values()), preferred=frozenset(preferred)) if units else None

    def _senses(self, reading: Reading) -> list[tuple[Unit, bool]]:
        """Units of one reading, and whether each is preferred: never to another sense of the registry."""
        unit = self.replaced.get(reading.unit) or self.registry.convertible(reading.unit)
        own = self._of_the_table(reading.written)
        others = [each for each in own.units if unit is None or not _is_same(each, unit)] if own else []
        rivals = [each for each in others if unit is not None and each.dimension == unit.dimension]
        prefix = reading.prefix
        if prefix is None:
            units = others if unit is None else [unit, *others]
        elif own is not None and len(own.units) == len(rivals) == 1:
            return []  # `kiloacre`: an acre is ours, and no prefix makes it plain which is meant
        else:
            units = [each for each in ([unit] if unit else []) + others if self._takes(prefix, each)]
        preferred = own.preferred if own is not None else frozenset()
        return [
            (each if prefix is None else each.scaled(prefix), each.name in preferred and each not in rivals)
            for each in units
        ]

    def _chosen(self, choice: Choice) -> Meaning:
        return Meaning(tuple([self.by_name[name] for name in choice.candidates]), preferred=choice.preferred)

    def _prefixed(self, written: str, prefixes: Mapping[str, Prefix], names: Mapping[str, Unit]) -> Unit | None:
        for start in range(1, min(7, len(written))):
            prefix, unit = prefixes.get(written[:start]), names.get(written[start:])
            if prefix is not None and unit is not None and prefix.family in unit.prefixes:
                return unit.scaled(prefix)
        return None

    def _prefixed_choice(self, written: str) -> Meaning | None:
        """Read `nF`, `Mcal` and `Hektoparsec`: of an ambiguous name only the units that take prefixes are left."""
        lowered = written.lower()
        for start in range(1, min(7, len(written))):
            readings = (
                (self.symbol_prefixes.get(written[:start]), self.ambiguous.get(written[start:])),
                (self.word_prefixes.get(lowered[:start]), self._lowered_choices.get(lowered[start:])),
            )
            for prefix, choice in readings:
                if prefix is not None and choice is not None and (meaning := self._scaled(prefix, choice)) is not None:
                    return meaning
        return None

    def _scaled(self, prefix: Prefix, choice: Choice) -> Meaning | None:
        names = [name for name in choice.candidates if prefix.family in self.by_name[name].prefixes]
        preferred = frozenset(f"{prefix.name}{name}" for name in names if name in choice.preferred)
        units = tuple([self.by_name[name].scaled(prefix) for name in names])
        return Meaning(units, preferred=preferred) if units else None

    def _in_other_case(self, lowered: str) -> Meaning | None:
        """Read `KW` and `LBS`, if no other symbol has these letters: `MHZ` may be mega or milli."""
        found = {unit.name: unit for unit in self._symbols_like(lowered)}
        for sign, prefix in self.symbol_prefixes.items():
            rest = lowered.removeprefix(sign.lower())
            for unit in self._symbols_like(rest) if rest != lowered and _is_usual(prefix) else ():
                if prefix.family in unit.prefixes:
                    found[f"{prefix.name}{unit.name}"] = unit.scaled(prefix)
        return Meaning(tuple(found.values())) if len(found) == 1 else None

    def _symbols_like(self, lowered: str) -> list[Unit]:
        return [self.symbols[symbol] for symbol in self._lowered_symbols.get(lowered, ())]

    def _powered(self, written: str, find: Callable[[str], Meaning | None]) -> Meaning | None:
        """Read `square meter`, `sq ft`, `Quadratmeter`, `Kubikzentimeter`, `m3`, `meter squared`."""
        lowered = written.lower()
        for word, power in _POWER_WORDS.items():
            if lowered.startswith(word) and (rest := written[len(word) :].strip(" .")):
                meaning = _raised(find(rest), power)
                return meaning if written[len(word)] in " ." else _of_lengths(meaning)
        for word, power in {" squared": 2, " cubed": 3}.items():
            if lowered.endswith(word):
                return _raised(find(written[: -len(word)]), power)
        if written[-1:] in ("2", "3", "4") and written[-2:-1].isalpha():
            return _raised(find(written[:-1]), int(written[-1]))
        return None

    def _of_the_table(self, written: str) -> Meaning | None:
        """Meaning of a name without a prefix in the table."""
        if (choice := self.ambiguous.get(written) or self._lowered_choices.get(written)) is not None:
            return self._chosen(choice)
        unit = self.symbols.get(written) or self.words.get(written.lower())
        return None if unit is None else Meaning((unit,))

    def _takes(self, prefix: Prefix, unit: Unit) -> bool:
        """Whether a unit takes a prefix of the registry: there is no part of a bit, and no multiple of a zero point."""
        if unit.offset is not None:
            return False
        return prefix.family != "small" or not unit.prefixes or "small" in unit.prefixes

    def _prefixed_name(self, written: str) -> Meaning | None:
        """Read `kiloiso_btu`: a refusal of `kBtu` offers it, so it must be readable."""
        if self.registry.readings(written):
            return None
        for prefix, name in self.registry.prefixed(written):
            unit = self.by_name.get(name)
            if unit is not None and self._takes(prefix, unit):
                return Meaning((unit.scaled(prefix),))
        return None

    def _is_logarithmic(self, written: str) -> bool:
        """Whether it is a decibel or neper in any case, but no `nP`, which is a nanopoise."""
        return written.lower() in _LOGARITHMIC and not self._prefixed(written, self.symbol_prefixes, self.symbols)

    def _refused(self, written: str) -> Refused | None:
        """Reason why units of this name are not converted; None for an unknown name."""
        if self._is_logarithmic(written):
            return "logarithmic"
        readings = self.registry.readings(written) or self.registry.readings_in_any_case(written)
        return next((reason for reading in readings if (reason := self.registry.refused(reading.unit))), None)

    def _near(self, written: str) -> list[str]:
        """Similar names, also behind a prefix: `kilometrs` is like `kilometre`."""
        names = (*self.words, *self.registry.words)
        behind = [prefix for prefix in self.word_prefixes if written.startswith(prefix)]
        near = [prefix + name for prefix in behind for name in _alike(written.removeprefix(prefix), names)]
        return [name for name in (*_alike(written, names), *near) if self.find(name) is not None][:_SUGGESTIONS]


def _alike(written: str, names: Iterable[str]) -> list[str]:
    """Names of the same first letter and about the same length: a comparison with all takes 10 ms."""
    longest = max(2, len(written) // 3)
    alike = [name for name in names if name[:1] == written[:1] and abs(len(name) - len(written)) <= longest]
    return get_close_matches(written, dict.fromkeys(alike), n=_SUGGESTIONS, cutoff=_ALIKE)


def _is_same(one: Unit, other: Unit) -> bool:
    return (one.scale, one.dimension, one.offset) == (other.scale, other.dimension, other.offset)


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
