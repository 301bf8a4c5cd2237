"""What the table knew before it stood on the registry of pint means the same: exactly, prefixes included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from services.mcp.tools.units.dimensions import SYMBOLS, Dimension
from services.mcp.tools.units.names import Meaning
from services.mcp.tools.units.table import Unit, symbol_prefixes, word_prefixes
from services.mcp.tools.units.vocabulary import vocabulary

# Names for which the registry has another unit of the same kind; it is offered after those of before.
MORE_TO_CHOOSE_FROM = frozenset({
    "barrel", "barrels", "Fass", "Barrel", "btu", "Btu", "BTU", "british thermal unit", "british thermal units",
    "therm", "therms",
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
    changed = [name for name, unit, _ in rows if not _means(found(name), unit)]
    assert changed == []


def _means(meaning: Meaning, name: str, prefix: Fraction = Fraction(1)) -> bool:
    only = meaning.units[0]
    return len(meaning.units) == 1 and only.name.endswith(name) and units()[name].is_kept_by(only, prefix)


def test_every_prefixed_symbol_and_word_means_what_it_meant() -> None:
    own = {name for kind in ("symbol", "word", "ambiguous") for name, *_ in lines(kind)}
    count, changed = 0, []
    for kind, prefixes in (("symbol", symbol_prefixes()), ("word", word_prefixes())):
        for name, unit, _ in lines(kind):
            for sign, prefix in prefixes.items():
                if prefix.family not in units()[unit].prefixes or sign + name in own:
                    continue
                count += 1
                meaning = vocabulary().find(sign + name)
                if meaning is None or not _means(meaning, unit, prefix.factor):
                    changed.append(sign + name)
    assert count > 5_000
    assert changed == []


def test_every_name_of_several_units_offers_what_it_offered() -> None:
    for name, candidates, preferred in lines("ambiguous"):
        meaning = found(name)
        names = [unit.name for unit in meaning.units]
        former = candidates.split(", ")
        more = [unit for unit in names if unit not in former]
        assert [unit for unit in names if unit in former] == former, name
        assert meaning.preferred == frozenset(preferred.split(", ") if preferred else []), name
        assert bool(more) == (name in MORE_TO_CHOOSE_FROM), (name, more)
        assert all(units()[unit.name].is_kept_by(unit) for unit in meaning.units if unit.name in former), name
