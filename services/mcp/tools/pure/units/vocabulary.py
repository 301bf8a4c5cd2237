"""The one vocabulary of units, read when this module is imported."""

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from services.mcp.tools.pure.units import dimensions
from services.mcp.tools.pure.units.grammar import parse
from services.mcp.tools.pure.units.magnitudes import Magnitude
from services.mcp.tools.pure.units.names import Vocabulary
from services.mcp.tools.pure.units.quantities import Quantity, value_of
from services.mcp.tools.pure.units.registry import registry
from services.mcp.tools.pure.units.table import Row, Unit, prefix_families, rows
from services.mcp.tools.pure.units.tree import names_in


def _read() -> Vocabulary:
    vocabulary = Vocabulary()
    for row in rows():
        definition, _, replaced = row.definition.partition(" instead of ")
        definition, _, registered = definition.partition("registry ")
        unit = _registered(row, registered) if registered else _own(row, definition, vocabulary)
        vocabulary.add(row, unit, replaces=registered or replaced)
    return vocabulary


def _registered(row: Row, name: str) -> Unit:
    unit = registry().unit(name)
    measured = (unit.measured and "exact" not in row.flags) or "measured" in row.flags
    return replace(unit, name=row.name, measured=measured, prefixes=prefix_families(row.flags))


def _own(row: Row, definition: str, vocabulary: Vocabulary) -> Unit:
    value = _base(definition) or _defined(definition, vocabulary)
    return Unit(
        name=row.name,
        scale=value.magnitude,
        dimension=value.dimension,
        measured=value.measured or "measured" in row.flags,
        prefixes=prefix_families(row.flags),
    )


def _base(definition: str) -> Quantity | None:
    kind, _, name = definition.partition(" ")
    return Quantity(Magnitude.of(Fraction(1)), dimensions.base(name)) if kind == "base" else None


def _defined(definition: str, vocabulary: Vocabulary) -> Quantity:
    """Parse a definition by the grammar of expressions; `pi` separates the number and the unit."""
    plain = definition.replace(" pi ", " ").replace("/pi ", " ")
    power = 1 if " pi " in definition else -1 if "/pi " in definition else 0
    node = parse(plain, vocabulary, "definition")
    picks = {name.written: name.meaning.units[0] for name in names_in(node)}
    value = value_of(node, picks)
    return Quantity(value.magnitude.times(Magnitude.of(Fraction(1), power)), value.dimension, measured=value.measured)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Immutable after loading."""
    return _read()


vocabulary()
