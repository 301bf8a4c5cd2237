"""Units of the table before the registry of pint convert as before: exactly, prefixes included.

The table itself lists intended changes, with their meaning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from services.mcp.tools.pure.units.dimensions import SYMBOLS, Dimension
from services.mcp.tools.pure.units.names import Meaning
from services.mcp.tools.pure.units.table import Prefix, Unit, symbol_prefixes, word_prefixes
from services.mcp.tools.pure.units.vocabulary import vocabulary

# Names for which the registry has another unit of the same kind; it is offered after those of before.
MORE_TO_CHOOSE_FROM = frozenset({
    "barrel", "barrels", "Fass", "Barrel", "therm", "therms",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Former:
    """A unit as it was: factor, power of pi, dimension, zero point, and the kinds of prefixes that it took."""

    factor: Fraction
    pi: int
    dimension: Dimension
    offset: Fraction | None
    prefixes: frozenset[str]

    def is_kept_by(self, unit: Unit, prefix: Fraction = Fraction(1)) -> bool:
        exact = unit.scale.terms == ((self.pi, self.factor * prefix),)
        return exact and unit.dimension == self.dimension and unit.offset == self.offset


def lines(kind: str) -> Iterator[list[str]]:
    text = (Path(__file__).parent / "former_table.txt").read_text(encoding="utf-8")
    return (line.split("|")[1:] for line in text.splitlines() if line.startswith(f"{kind}|"))


@cache
def units() -> Mapping[str, Former]:
    return {
        name: Former(
            factor=Fraction(factor),
            pi=int(pi or 0),
            dimension=_dimension(bases),
            offset=Fraction(offset) if offset else None,
            prefixes=frozenset(prefixes.split()),
        )
        for name, factor, pi, bases, offset, prefixes in lines("unit")
    }


@cache
def renamed() -> Mapping[str, str]:
    """Units that have another name now, with their former definition."""
    return dict(tuple(line) for line in lines("renamed"))  # type: ignore[misc]


@cache
def changed() -> Mapping[str, tuple[tuple[str, ...], frozenset[str]]]:
    """Names that mean something else on purpose: the units, and those that are preferred."""
    return {
        name: (tuple(candidates.split(", ")), frozenset(preferred.split(", ") if preferred else []))
        for name, candidates, preferred in lines("changed")
    }


def _dimension(bases: str) -> Dimension:
    powers = {symbol: int(power or 1) for symbol, _, power in (base.partition("^") for base in bases.split())}
    return tuple([powers.get(symbol, 0) for symbol in SYMBOLS])


def found(name: str) -> Meaning:
    meaning = vocabulary().find(name)
    assert meaning is not None, name
    return meaning


def test_every_name_of_one_unit_means_what_it_meant() -> None:
    rows = [*lines("symbol"), *lines("word")]
    assert len(rows) > 900
    lost = [name for name, unit, _ in rows if name not in changed() and not _means(found(name), unit)]
    assert lost == []


def _means(meaning: Meaning, name: str, prefix: Fraction = Fraction(1)) -> bool:
    only = meaning.units[0]
    is_named = only.name.endswith(renamed().get(name, name))
    return len(meaning.units) == 1 and is_named and units()[name].is_kept_by(only, prefix)


def test_what_was_changed_on_purpose_means_what_the_list_says() -> None:
    former = {name for kind in ("symbol", "word", "ambiguous") for name, *_ in lines(kind)}
    assert set(changed()) <= former
    for name, (candidates, preferred) in changed().items():
        meaning = found(name)
        assert tuple(unit.name for unit in meaning.units) == candidates, name
        assert meaning.preferred == preferred, name


def test_a_unit_with_another_name_keeps_its_definition() -> None:
    assert {former: name for former, name in renamed().items() if not _means(found(name), former)} == {}


def test_every_prefixed_symbol_and_word_means_what_it_meant() -> None:
    own = {name for kind in ("symbol", "word", "ambiguous") for name, *_ in lines(kind)}
    count, lost = 0, []
    for kind, prefixes in (("symbol", symbol_prefixes()), ("word", word_prefixes())):
        for name, unit, _ in lines(kind):
            for sign, prefix in prefixes.items():
                if prefix.family not in units()[unit].prefixes or sign + name in own:
                    continue
                count += 1
                meaning = vocabulary().find(sign + name)
                if meaning is None or not _means_prefixed(meaning, name, unit, prefix):
                    lost.append(sign + name)
    assert count > 5_000
    assert lost == []


def _means_prefixed(meaning: Meaning, name: str, unit: str, prefix: Prefix) -> bool:
    if name not in changed():
        return _means(meaning, unit, prefix.factor)
    candidates, preferred = changed()[name]
    names = {prefix.name + each for each in candidates}
    return {each.name for each in meaning.units} == names and meaning.preferred == {
        prefix.name + each for each in preferred
    }


def test_every_name_of_several_units_offers_what_it_offered() -> None:
    for name, candidates, preferred in lines("ambiguous"):
        if name in changed():
            continue
        meaning = found(name)
        names = [unit.name for unit in meaning.units]
        former = [renamed().get(unit, unit) for unit in candidates.split(", ")]
        more = [unit for unit in names if unit not in former]
        assert [unit for unit in names if unit in former] == former, name
        assert meaning.preferred == frozenset(preferred.split(", ") if preferred else []), name
        assert bool(more) == (name in MORE_TO_CHOOSE_FROM), (name, more)
        assert all(_is_kept(unit) for unit in meaning.units if unit.name in former), name


def _is_kept(unit: Unit) -> bool:
    by_new_name = {new: former for former, new in renamed().items()}
    return units()[by_new_name.get(unit.name, unit.name)].is_kept_by(unit)
