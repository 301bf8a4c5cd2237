"""Sine, cosine, tangent and their inverses: exact at multiples of 30 and 45 degrees, recorded elsewhere."""

from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.algebra import ONE, ZERO, Algebra
from services.mcp.tools.pure.calculate.exact import Exact, PiMultiple, Surd
from services.mcp.tools.pure.calculate.tape import Value

_HALF = Fraction(1, 2)
_HALF_ROOT_2 = Surd(((2, _HALF),))
_HALF_ROOT_3 = Surd(((3, _HALF),))
_ROOT_3 = Surd(((3, ONE),))
_THIRD_ROOT_3 = Surd(((3, Fraction(1, 3)),))

# angle / pi -> value, in the first quadrant
_SINES: dict[Fraction, Exact] = {
    ZERO: ZERO,
    Fraction(1, 6): _HALF,
    Fraction(1, 4): _HALF_ROOT_2,
    Fraction(1, 3): _HALF_ROOT_3,
    _HALF: ONE,
}
_TANGENTS: dict[Fraction, Exact] = {
    ZERO: ZERO,
    Fraction(1, 6): _THIRD_ROOT_3,
    Fraction(1, 4): ONE,
    Fraction(1, 3): _ROOT_3,
}


def sine(algebra: Algebra, angle: Value) -> Value:
    turns = _half_turns(angle)
    exact = None if turns is None else _exact_sine(algebra, turns)
    return algebra.apply("sin", angle) if exact is None else exact


def cosine(algebra: Algebra, angle: Value) -> Value:
    turns = _half_turns(angle)
    exact = None if turns is None else _exact_sine(algebra, turns + _HALF)
    return algebra.apply("cos", angle) if exact is None else exact


def tangent(algebra: Algebra, angle: Value) -> Value:
    """Raises ToolError(domain_error) at odd multiples of pi/2."""
    turns = _half_turns(angle)
    if turns is None:
        return algebra.apply("tan", angle)
    reduced = turns % 1
    if reduced == _HALF:
        raise ToolError("domain_error", "the tangent has no value at odd multiples of pi/2")
    mirrored = reduced > _HALF
    exact = _TANGENTS.get(1 - reduced if mirrored else reduced)
    if exact is None:
        return algebra.apply("tan", angle)
    return algebra.negate(exact) if mirrored else exact


def arcsine(algebra: Algebra, value: Value) -> Value:
    """Raises ToolError(domain_error) outside -1..1."""
    if isinstance(value, Fraction) and abs(value) > 1:
        raise ToolError("domain_error", "arcsine and arccosine need a number from -1 to 1")
    exact = _exact_inverse(algebra, _SINES, value)
    return algebra.apply("asin", value) if exact is None else exact


def arccosine(algebra: Algebra, value: Value) -> Value:
    """pi/2 - arcsine."""
    return algebra.subtract(PiMultiple(_HALF), arcsine(algebra, value))


def arctangent(algebra: Algebra, value: Value) -> Value:
    exact = _exact_inverse(algebra, _TANGENTS, value)
    return algebra.apply("atan", value) if exact is None else exact


def _half_turns(angle: Value) -> Fraction | None:
    """Angle in units of pi, or None where it is not a rational multiple."""
    if isinstance(angle, PiMultiple):
        return angle.coefficient
    return ZERO if angle == ZERO else None


def _exact_sine(algebra: Algebra, turns: Fraction) -> Value | None:
    reduced = turns % 2
    negative = reduced >= 1
    quadrant = reduced % 1
    exact = _SINES.get(1 - quadrant if quadrant > _HALF else quadrant)
    if exact is None:
        return None
    return algebra.negate(exact) if negative else exact


def _exact_inverse(algebra: Algebra, table: dict[Fraction, Exact], value: Value) -> Value | None:
    for turns, known in table.items():
        if value == known:
            return PiMultiple(turns) if turns else ZERO
        if algebra.negate(known) == value:
            return PiMultiple(-turns)
    return None
