"""Values with a dimension, and the evaluation of trees.

A temperature with a zero point of its own (`20 °C`) is a point on a scale: points may be subtracted, and a difference
may be added to a point, but nothing else. Everywhere else a degree is a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.units.dimensions import NONE, Dimension, base, described, times, to_power
from services.mcp.tools.pure.units.magnitudes import Magnitude
from services.mcp.tools.pure.units.table import Unit
from services.mcp.tools.pure.units.tree import Group, Mixed, Named, Node, Number, Power, Product, Sum

Kind = Literal["plain", "point", "difference", "sum"]
Picks = Mapping[str, Unit]

TEMPERATURE = base("temperature")
_ONE = Magnitude.of(Fraction(1))


class Mismatch(ToolError):
    """Dimensions that do not fit: another meaning of an ambiguous name may."""

    def __init__(self, message: str) -> None:
        super().__init__("domain_error", message)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in coherent SI units; `point` is one on a temperature scale, in kelvin."""

    magnitude: Magnitude
    dimension: Dimension
    kind: Kind = "plain"
    measured: bool = False

    def times(self, other: "Quantity") -> "Quantity":
        if "point" in (self.kind, other.kind):
            raise Mismatch("a temperature with a zero point cannot be multiplied or divided; write it in kelvin")
        return Quantity(
            self.magnitude.times(other.magnitude),
            times(self.dimension, other.dimension),
            self._kind_times(other),
            self.measured or other.measured,
        )

    def _kind_times(self, other: "Quantity") -> Kind:
        """Kind of a product: twice a difference is one, and half a sum is as unclear as the sum."""
        if other.dimension == NONE:
            return self.kind
        return other.kind if self.dimension == NONE else "plain"

    def to_power(self, exponent: int) -> "Quantity":
        if exponent == 1 and self.kind != "point":
            return self
        if self.kind == "point":
            raise Mismatch("a temperature with a zero point cannot be raised to a power; write it in kelvin")
        return Quantity(
            self.magnitude.to_power(exponent), to_power(self.dimension, exponent), measured=self.measured
        )  # fmt: skip

    def plus(self, other: "Quantity") -> "Quantity":
        if self.dimension != other.dimension:
            raise Mismatch(f"{described(self.dimension)} and {described(other.dimension)} cannot be added")
        if self.kind == other.kind == "point":
            raise Mismatch("two temperatures cannot be added; a difference is written in kelvin")
        kinds = (self.kind, other.kind)
        kind: Kind = "point" if "point" in kinds else "difference" if "difference" in kinds else "sum"
        return Quantity(self.magnitude.plus(other.magnitude), self.dimension, kind, self.measured or other.measured)

    def minus(self, other: "Quantity") -> "Quantity":
        if self.kind == other.kind == "point":
            return replace(self.minus(replace(other, kind="plain")), kind="difference")
        if other.kind == "point":
            raise Mismatch("a temperature cannot be subtracted from a difference")
        return self.plus(replace(other, magnitude=other.magnitude.negated()))


def value_of(node: Node, picks: Picks) -> Quantity:
    """Quantity of a tree. Raises Mismatch, and ToolError for a division by zero."""
    if isinstance(node, Number):
        return Quantity(Magnitude.of(node.value), NONE)
    if isinstance(node, Named):
        unit = picks[node.written]
        kind: Kind = "difference" if unit.is_difference else "plain"
        return Quantity(unit.scale, unit.dimension, kind, unit.measured).to_power(node.meaning.power)
    if isinstance(node, Power):
        return value_of(node.base, picks).to_power(node.exponent)
    if isinstance(node, Group):
        return _group_value(node, picks)
    return _mixed_value(node, picks) if isinstance(node, Mixed) else _chain_value(node, picks)


def _chain_value(node: Product | Sum, picks: Picks) -> Quantity:
    result = value_of(node.first, picks)
    if isinstance(node, Product):
        for operator, operand in node.rest:
            result = result.times(value_of(operand, picks).to_power(1 if operator == "*" else -1))
        return result
    for sign, term in node.rest:
        value = value_of(term, picks)
        result = result.plus(value) if sign == "+" else result.minus(value)
    return result


def _group_value(node: Group, picks: Picks) -> Quantity:
    sign = Quantity(Magnitude.of(Fraction(-1 if node.negative else 1)), NONE)
    if len(node.parts) == 1:
        inner = value_of(node.parts[0], picks)
        return sign.times(inner) if node.negative else inner
    point = _temperature_point(node, picks)
    if point is not None:
        return point
    result = sign
    for part in node.parts:
        result = result.times(value_of(part, picks))
    return result


def _temperature_point(node: Group, picks: Picks) -> Quantity | None:
    """`-5 °C` as a point on the scale."""
    number, named = node.parts[0], node.parts[1]
    if len(node.parts) > 2 or not isinstance(number, Number) or not isinstance(named, Named):
        return None
    unit = picks[named.written]
    if unit.offset is None or named.meaning.power != 1:
        return None
    value = Magnitude.of(-number.value if node.negative else number.value)
    kelvin = value.times(unit.scale).plus(Magnitude.of(unit.offset))
    return Quantity(kelvin, unit.dimension, "point")


def _mixed_value(node: Mixed, picks: Picks) -> Quantity:
    """Add adjacent amounts; the sign of the first amount holds for all."""
    negative = node.groups[0].negative
    if any(group.negative for group in node.groups[1:]):
        raise ToolError("invalid_argument", "amounts side by side have one sign, before the first")
    values = [value_of(replace(group, negative=False), picks) for group in node.groups]
    result = values[0]
    for value in values[1:]:
        result = result.plus(value)
    return replace(result, magnitude=result.magnitude.negated()) if negative else result
