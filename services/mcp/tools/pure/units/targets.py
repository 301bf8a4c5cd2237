"""Writing a quantity in a unit that is wanted."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import Figure
from services.mcp.tools.pure.units.dimensions import BASES, NONE, described, to_power
from services.mcp.tools.pure.units.magnitudes import Magnitude
from services.mcp.tools.pure.units.quantities import TEMPERATURE, Mismatch, Picks, Quantity, value_of
from services.mcp.tools.pure.units.table import Unit
from services.mcp.tools.pure.units.tree import Node, lone_name

Conversion = Literal["proportional", "temperature_scale", "temperature_difference", "reciprocal"]

_LENGTH = BASES.index("length")


@dataclass(frozen=True, slots=True)
class Converted:
    """A value in the wanted unit, and the conversion that led to it."""

    value: Magnitude
    conversion: Conversion
    measured: bool

    def figure(self) -> Figure:
        """The value; a value based on a measured constant is never marked exact."""
        shown = self.value.figure()
        return shown.model_copy(update={"is_exact": False}) if self.measured else shown


def converted(quantity: Quantity, target: Node, picks: Picks) -> Converted:
    """Raises Mismatch where the dimensions differ."""
    scale = value_of(target, picks)
    measured = quantity.measured or scale.measured
    if scale.dimension == quantity.dimension == TEMPERATURE:
        return _temperature(quantity, scale, _scale_with_zero(target, picks))
    if quantity.kind == "point":
        raise Mismatch(f"a temperature is not converted to {described(scale.dimension)}")
    if scale.dimension == quantity.dimension:
        return Converted(quantity.magnitude.times(scale.magnitude.inverse()), "proportional", measured)
    if _is_consumption(quantity, scale):
        inverse = quantity.magnitude.times(scale.magnitude).inverse()
        return Converted(inverse, "reciprocal", measured)
    raise Mismatch(f"{described(quantity.dimension)} is not {described(scale.dimension)}")


def _scale_with_zero(target: Node, picks: Picks) -> Unit | None:
    """Unit of a temperature target with a zero point of its own."""
    name = lone_name(target)
    unit = picks[name.written] if name is not None else None
    return unit if unit is not None and unit.offset is not None else None


def _temperature(quantity: Quantity, scale: Quantity, with_zero: Unit | None) -> Converted:
    kelvin = quantity.magnitude
    if quantity.kind == "point" and scale.kind == "difference":
        raise Mismatch("a temperature is not a difference of temperatures")
    if with_zero is None or quantity.kind == "difference":
        differs = quantity.kind == "difference" or with_zero is not None
        conversion: Conversion = "temperature_difference" if differs else "proportional"
        if quantity.kind == "point":
            _check_absolute_zero(kelvin)
        return Converted(kelvin.times(scale.magnitude.inverse()), conversion, measured=False)
    if quantity.kind == "sum":
        raise ToolError("ambiguous", "a sum of kelvins may be a temperature or a difference: convert it to K")
    _check_absolute_zero(kelvin)
    shifted = kelvin.plus(Magnitude.of(-(with_zero.offset or Fraction(0))))
    return Converted(shifted.times(scale.magnitude.inverse()), "temperature_scale", measured=False)


def _check_absolute_zero(kelvin: Magnitude) -> None:
    if kelvin.rational is not None and kelvin.rational < 0:
        raise ToolError("domain_error", "the temperature is below absolute zero")


def _is_consumption(quantity: Quantity, scale: Quantity) -> bool:
    """Fuel per distance and distance per fuel are reciprocals: an area and one over an area."""
    area = tuple([2 if place == _LENGTH else 0 for place in range(len(NONE))])
    dimensions = (quantity.dimension, scale.dimension)
    return dimensions in ((area, to_power(area, -1)), (to_power(area, -1), area))
