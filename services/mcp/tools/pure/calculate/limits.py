"""Cost limits of `calculate`. Every one is checked on an estimate, before the number is made."""

from fractions import Fraction
from math import log2

from services.mcp.contract import Limit, ToolError

MAX_EXPRESSION_CHARS = 1_000
MAX_NESTING = 64
MAX_ARGUMENTS = 100
MAX_RESULT_DIGITS = 1_000
MAX_INTERMEDIATE_DIGITS = 6_000
MAX_FACTORIAL = 2_000

_BITS_PER_DIGIT = log2(10)
_MAX_INTERMEDIATE_BITS = int(MAX_INTERMEDIATE_DIGITS * _BITS_PER_DIGIT)

LIMITS = (
    Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
    Limit(name="nesting", value=MAX_NESTING, unit="levels"),
    Limit(name="function_arguments", value=MAX_ARGUMENTS, unit="arguments"),
    Limit(name="result_digits", value=MAX_RESULT_DIGITS, unit="digits"),
    Limit(name="intermediate_digits", value=MAX_INTERMEDIATE_DIGITS, unit="digits"),
    Limit(name="factorial_argument", value=MAX_FACTORIAL, unit="integer"),
)


def exceeded(what: str, limit: int) -> ToolError:
    return ToolError("limit_exceeded", f"{what}: the limit is {limit:,}")


def bits(value: Fraction) -> int:
    """Length of the longer of numerator and denominator, in bits."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def check_bits(estimate: float) -> None:
    """Refuse an exact number of more than about `MAX_INTERMEDIATE_DIGITS` digits. Raises ToolError."""
    if estimate > _MAX_INTERMEDIATE_BITS:
        raise exceeded("digits of an intermediate number", MAX_INTERMEDIATE_DIGITS)


def fits_bits(estimate: float) -> bool:
    return estimate <= _MAX_INTERMEDIATE_BITS


def magnitude_bits(value: Fraction) -> float:
    """log2 of |value|, which must not be zero."""
    return log2(abs(value.numerator)) - log2(value.denominator)
