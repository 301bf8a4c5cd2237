"""Which units the ambiguous names of an expression mean: those with which its dimensions fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeVar

from services.mcp.contract import ToolError
from services.mcp.tools.pure.units.dimensions import Dimension
from services.mcp.tools.pure.units.quantities import Mismatch, Picks
from services.mcp.tools.pure.units.table import Unit
from services.mcp.tools.pure.units.tree import Named, Node, names_in

MAX_COMBINATIONS = 64
_NAME_CHARS = 40

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Option:
    """One reading of a name: a unit, and the units of the same dimension that it was preferred to."""

    written: str
    unit: Unit
    others: tuple[str, ...]
    decided: bool


def resolved(nodes: Sequence[Node], compute: Callable[[Picks], Found]) -> tuple[Found, tuple[Option, ...]]:
    """Result of `compute` for the only reading that fits, and that reading's ambiguous names.

    Raises ToolError(ambiguous) if several readings fit or no convention decides, else the error of the only reading.
    """
    names = {name.written: name for node in nodes for name in names_in(node)}
    options = [_options(name) for name in names.values()]
    try:
        return _fitting(options, compute)
    except Mismatch as misfit:
        if not any(name.meaning.otherwise for name in names.values()):
            raise
        with_others = [[*usual, *_others(name)] for name, usual in zip(names.values(), options, strict=True)]
        try:
            return _fitting(with_others, compute)
        except Mismatch:
            raise misfit from None


def _fitting(
    options: Sequence[Sequence[Option]], compute: Callable[[Picks], Found]
) -> tuple[Found, tuple[Option, ...]]:
    count = 1
    for choices in options:
        count *= len(choices)
    if count > MAX_COMBINATIONS:
        raise ToolError("ambiguous", f"too many ambiguous names: the limit is {MAX_COMBINATIONS} readings")
    fitting: list[tuple[Found, tuple[Option, ...]]] = []
    misfit: Mismatch | None = None
    for reading in product(*options):
        try:
            fitting.append((compute({option.written: option.unit for option in reading}), reading))
        except Mismatch as error:
            misfit = misfit or error
    if not fitting and misfit is not None:
        raise misfit
    if len(fitting) > 1:
        raise _several([reading for _, reading in fitting])
    found, reading = fitting[0]
    return found, _decided(reading)


def _options(name: Named) -> list[Option]:
    """One option for each dimension that the name may have."""
    return _by_dimension(name, name.meaning.units)


def _others(name: Named) -> list[Option]:
    """Options of the senses that a name has only if its usual one does not fit."""
    usual = tuple([unit.name for unit in name.meaning.units])
    options = _by_dimension(name, name.meaning.otherwise)
    return [replace(option, others=(*option.others, *usual)) for option in options]


def _by_dimension(name: Named, candidates: Sequence[Unit]) -> list[Option]:
    groups: dict[Dimension, list[Unit]] = {}
    for unit in candidates:
        groups.setdefault(unit.dimension, []).append(unit)
    options = []
    for units in groups.values():
        preferred = next((unit for unit in units if unit.name in name.meaning.preferred), None)
        chosen = preferred or units[0]
        others = tuple([unit.name for unit in units if unit is not chosen])
        certain = preferred is not None or len(candidates) == 1
        options.append(Option(name.written, chosen, others, certain or not others))
    return options


def _decided(reading: tuple[Option, ...]) -> tuple[Option, ...]:
    for option in reading:
        if not option.decided:
            names = " or ".join([option.unit.name, *option.others])
            raise ToolError("ambiguous", f"{option.written[:_NAME_CHARS]!r} may be {names}: write which")
    return reading


def _several(readings: Sequence[tuple[Option, ...]]) -> ToolError:
    for options in zip(*readings, strict=True):
        names = dict.fromkeys(option.unit.name for option in options)
        if len(names) > 1:
            return ToolError(
                "ambiguous", f"{options[0].written[:_NAME_CHARS]!r} may be {' or '.join(names)}: write which"
            )
    return ToolError("ambiguous", "the expression can be read in several ways")
