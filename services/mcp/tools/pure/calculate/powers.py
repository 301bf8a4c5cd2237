"""Powers and roots: exact where the result is a fraction or a surd, otherwise exp(exponent * ln(base))."""

from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.algebra import ONE, ZERO, Algebra
from services.mcp.tools.pure.calculate.exact import PiMultiple, Surd, exact_root
from services.mcp.tools.pure.calculate.limits import bits, check_bits, exceeded, fits_bits, magnitude_bits
from services.mcp.tools.pure.calculate.tape import Approximate, UnaryStep, Value

_MAX_EXPONENT_BITS = 64
_MAX_SURD_EXPONENT = 256
_MAX_ROOT_DEGREE = 1_000


def power(algebra: Algebra, base: Value, exponent: Value) -> Value:
    """base ** exponent over the reals; 0 ** 0 is 1. Raises ToolError."""
    if exponent == ZERO or base == ONE:
        return ONE
    if exponent == ONE:
        return base
    if base == ZERO:
        return _power_of_zero(algebra, exponent)
    if not isinstance(exponent, Fraction):
        return _through_logarithm(algebra, base, exponent)
    if exponent.denominator == 1:
        return _integer_power(algebra, base, exponent.numerator)
    return _root_power(algebra, base, exponent)


def square_root(algebra: Algebra, value: Value) -> Value:
    """Root that is not negative. Raises ToolError(domain_error) below zero."""
    if isinstance(value, Fraction):
        if value < 0:
            raise ToolError("domain_error", "the square root of a negative number is not real")
        exact = exact_root(value)
        if exact is not None:
            return exact
    return algebra.apply("sqrt", value)


def exponential(algebra: Algebra, value: Value) -> Value:
    return ONE if value == ZERO else algebra.apply("exp", value)


def logarithm(algebra: Algebra, value: Value) -> Value:
    """Raises ToolError(domain_error) unless the value is above zero."""
    if isinstance(value, Fraction) and value <= 0:
        raise ToolError("domain_error", "the logarithm needs a number above zero")
    exponent = _exponent_of_e(algebra, value)
    if exponent is not None:
        return exponent
    return ZERO if value == ONE else algebra.apply("ln", value)


def _power_of_zero(algebra: Algebra, exponent: Value) -> Value:
    if algebra.sign(exponent) < 0:
        raise ToolError("division_by_zero", "zero has no negative power")
    return ZERO


def _integer_power(algebra: Algebra, base: Value, exponent: int) -> Value:
    if isinstance(base, Fraction):
        if exponent.bit_length() > _MAX_EXPONENT_BITS:
            raise exceeded("exponent in bits", _MAX_EXPONENT_BITS)
        check_bits(abs(exponent) * abs(magnitude_bits(base)))
        if fits_bits(abs(exponent) * bits(base)):
            return base**exponent
    if isinstance(base, Surd) and len(base.terms) == 1:
        square = _integer_power(algebra, algebra.multiply(base, base), exponent // 2)
        return algebra.multiply(square, base) if exponent % 2 else square
    if isinstance(base, Surd) and abs(exponent) <= _MAX_SURD_EXPONENT:
        return _by_squaring(algebra, base, exponent)
    size = _through_logarithm(algebra, algebra.absolute(base), Fraction(exponent))
    return algebra.negate(size) if exponent % 2 and algebra.sign(base) < 0 else size


def _by_squaring(algebra: Algebra, base: Value, exponent: int) -> Value:
    result: Value = ONE
    remaining = abs(exponent)
    while remaining:
        if remaining % 2:
            result = algebra.multiply(result, base)
        remaining //= 2
        base = algebra.multiply(base, base) if remaining else base
    return result if exponent > 0 else algebra.divide(ONE, result)


def _root_power(algebra: Algebra, base: Value, exponent: Fraction) -> Value:
    if algebra.sign(base) < 0:
        raise ToolError("domain_error", "a negative base needs an integer exponent")
    if isinstance(base, Fraction):
        root = _exact_root_of_degree(base, exponent.denominator)
        if root is not None:
            return _integer_power(algebra, root, exponent.numerator)
        if exponent.denominator == 2:
            whole = _integer_power(algebra, base, exponent.numerator // 2)
            return algebra.multiply(whole, square_root(algebra, base))
    return _through_logarithm(algebra, base, exponent)


def _through_logarithm(algebra: Algebra, base: Value, exponent: Value) -> Value:
    if isinstance(base, Fraction | PiMultiple | Surd) and algebra.sign(base) < 0:
        raise ToolError("domain_error", "a negative base needs an integer exponent")
    return exponential(algebra, algebra.multiply(exponent, logarithm(algebra, base)))


def _exponent_of_e(algebra: Algebra, value: Value) -> Value | None:
    """Exponent x of a value built as exp(x)."""
    if not isinstance(value, Approximate):
        return None
    step = algebra.tape.step_of(value)
    return step.operand if isinstance(step, UnaryStep) and step.operation == "exp" else None


def _exact_root_of_degree(value: Fraction, degree: int) -> Fraction | None:
    if degree > _MAX_ROOT_DEGREE:
        return None
    numerator = integer_root(value.numerator, degree)
    denominator = integer_root(value.denominator, degree)
    if numerator**degree == value.numerator and denominator**degree == value.denominator:
        return Fraction(numerator, denominator)
    return None


def integer_root(value: int, degree: int) -> int:
    """Floor of the degree-th root of an integer > 0. Newton's method from above."""
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better
