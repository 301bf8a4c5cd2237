"""The tables of units: every name has one meaning, or is listed as ambiguous."""

from collections import Counter

from services.mcp.tools.pure.units.table import choices, rows, symbol_prefixes
from services.mcp.tools.pure.units.vocabulary import vocabulary

# Symbols that could also be a prefix and a unit; the unit of its own is meant.
OWN_UNITS = {
    "Gy": "gray", "PS": "metric_horsepower", "Pa": "pascal", "T": "tesla", "at": "technical_atmosphere",
    "au": "astronomical_unit", "cd": "candela", "ct": "carat", "dyn": "dyne", "ft": "foot", "h": "hour",
    "kg": "kilogram", "kt": "knot", "m": "meter", "min": "minute", "mol": "mole", "nt": "nit", "qm": "square_meter",
}  # fmt: skip


def test_no_symbol_and_no_word_stands_for_two_units() -> None:
    symbols = Counter(symbol for row in rows() for symbol in row.symbols)
    words = Counter(word for row in rows() for word in {word.lower() for word in row.words})
    assert [name for name, times in (symbols | words).items() if times > 1] == []


def test_an_ambiguous_name_is_no_symbol_and_its_candidates_exist() -> None:
    known = vocabulary()
    for name, choice in choices().items():
        assert name not in known.symbols, name
        assert set(choice.candidates) <= set(known.by_name), name
        assert choice.preferred <= set(choice.candidates), name


def test_at_most_one_candidate_of_a_dimension_is_preferred() -> None:
    known = vocabulary()
    for name, choice in choices().items():
        dimensions = [known.by_name[unit].dimension for unit in choice.preferred]
        assert len(set(dimensions)) == len(dimensions), name


def test_a_symbol_that_looks_like_a_prefix_and_a_unit_means_the_unit() -> None:
    known = vocabulary()
    looks_prefixed = {
        symbol
        for symbol in known.symbols
        for prefix, meaning in symbol_prefixes().items()
        if symbol.startswith(prefix)
        and (rest := known.symbols.get(symbol[len(prefix) :])) is not None
        and meaning.family in rest.prefixes
    }
    told = {symbol: known.symbols[symbol].name for symbol in looks_prefixed}
    assert told == {symbol: name for symbol, name in OWN_UNITS.items() if symbol in told}
    for symbol, name in OWN_UNITS.items():
        found = known.find(symbol)
        assert found is not None
        assert found.units[0].name == name


def test_every_word_of_the_table_is_found_again() -> None:
    known = vocabulary()
    for row in rows():
        for name in (*row.symbols, *row.words):
            found = known.find(name)
            assert found is not None, name
            assert row.name in {unit.name for unit in found.units}, name
