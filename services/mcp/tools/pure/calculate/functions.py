"""The functions that an expression may name, with the number of arguments each takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import factorial, gcd, lcm

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.algebra import Algebra
from services.mcp.tools.pure.calculate.limits import (
    MAX_ARGUMENTS,
    MAX_FACTORIAL,
    MAX_RESULT_DIGITS,
    bits,
    check_bits,
    exceeded,
    magnitude_bits,
)
from services.mcp.tools.pure.calculate.powers import exponential, logarithm, power, square_root
from services.mcp.tools.pure.calculate.rules import RuleName
from services.mcp.tools.pure.calculate.tape import Value
from services.mcp.tools.pure.calculate.trigonometry import arccosine, arcsine, arctangent, cosine, sine, tangent

_TEN = Fraction(10)
_TWO = Fraction(2)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of `least` to `most` arguments, and the rule that its result depends on."""

    run: Callable[[Algebra, tuple[Value, ...]], Value]
    least: int = 1
    most: int = 1
    rule: RuleName | None = None
    rule_up_to: int = MAX_ARGUMENTS  # with more arguments the rule does not matter


def _one(run: Callable[[Algebra, Value], Value], rule: RuleName | None = None) -> Function:
    return Function(lambda algebra, arguments: run(algebra, arguments[0]), rule=rule)


def checked_factorial(value: Value) -> Fraction:
    """value! for an integer from 0 to the limit. Raises ToolError."""
    number = _integer(value, "factorial")
    if number < 0:
        raise ToolError("domain_error", "the factorial needs an integer that is not negative")
    if number > MAX_FACTORIAL:
        raise exceeded("factorial argument", MAX_FACTORIAL)
    return Fraction(factorial(number))


def _integer(value: Value, name: str) -> int:
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise ToolError("domain_error", f"{name} needs integers")
    return value.numerator


def _round(algebra: Algebra, arguments: tuple[Value, ...]) -> Value:
    """Round half away from zero, to an integer or to the given number of decimal places."""
    places = _integer(arguments[1], "the second argument of round") if len(arguments) == 2 else 0
    if abs(places) > MAX_RESULT_DIGITS:
        raise exceeded("decimal places", MAX_RESULT_DIGITS)
    scale = _TEN**places
    scaled = algebra.multiply(scale, algebra.absolute(arguments[0]))
    whole = algebra.floor(algebra.add(scaled, Fraction(1, 2)))
    return algebra.divide(whole * algebra.sign(arguments[0]), scale)


def _minimum(algebra: Algebra, arguments: tuple[Value, ...]) -> Value:
    return reduce(lambda best, value: value if algebra.less(value, best) else best, arguments)


def _maximum(algebra: Algebra, arguments: tuple[Value, ...]) -> Value:
    return reduce(lambda best, value: value if algebra.less(best, value) else best, arguments)


def _gcd(_: Algebra, arguments: tuple[Value, ...]) -> Value:
    return Fraction(gcd(*(_integer(value, "gcd") for value in arguments)))


def _lcm(_: Algebra, arguments: tuple[Value, ...]) -> Value:
    numbers = [_integer(value, "lcm") for value in arguments]
    check_bits(sum(number.bit_length() for number in numbers))
    return Fraction(lcm(*numbers))


def _log(algebra: Algebra, arguments: tuple[Value, ...]) -> Value:
    if len(arguments) == 1:
        return logarithm(algebra, arguments[0])
    return _log_to_base(algebra, arguments[0], arguments[1])


def _log_to_base(algebra: Algebra, value: Value, base: Value) -> Value:
    exact = _exact_log(value, base)
    if exact is not None:
        return exact
    return algebra.divide(logarithm(algebra, value), logarithm(algebra, base))


def _exact_log(value: Value, base: Value) -> Fraction | None:
    """Integer n with base ** n == value, if there is one."""
    if not isinstance(value, Fraction) or not isinstance(base, Fraction) or min(value, base) <= 0 or base == 1:
        return None
    size = magnitude_bits(base)
    exponent = round(magnitude_bits(value) / size) if size else 0
    if abs(exponent) * bits(base) > 2 * (bits(value) + bits(base)):  # a power of that size is not `value`
        return None
    return Fraction(exponent) if base**exponent == value else None


FUNCTIONS: Mapping[str, Function] = {
    "sqrt": _one(square_root),
    "abs": _one(Algebra.absolute),
    "round": Function(_round, most=2, rule="round_half_away"),
    "floor": _one(Algebra.floor),
    "ceil": _one(Algebra.ceiling),
    "min": Function(_minimum, most=MAX_ARGUMENTS),
    "max": Function(_maximum, most=MAX_ARGUMENTS),
    "gcd": Function(_gcd, most=MAX_ARGUMENTS),
    "lcm": Function(_lcm, most=MAX_ARGUMENTS),
    "factorial": _one(lambda _, value: checked_factorial(value)),
    "ln": _one(logarithm),
    "log": Function(_log, most=2, rule="log_natural", rule_up_to=1),
    "log10": _one(lambda algebra, value: _log_to_base(algebra, value, _TEN)),
    "log2": _one(lambda algebra, value: _log_to_base(algebra, value, _TWO)),
    "exp": _one(exponential),
    "pow": Function(lambda algebra, arguments: power(algebra, arguments[0], arguments[1]), least=2, most=2),
    "sin": _one(sine, "radians"),
    "cos": _one(cosine, "radians"),
    "tan": _one(tangent, "radians"),
    "asin": _one(arcsine, "radians"),
    "acos": _one(arccosine, "radians"),
    "atan": _one(arctangent, "radians"),
}
