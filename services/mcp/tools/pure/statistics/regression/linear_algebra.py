"""Exact solution of the normal equations."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from services.mcp.contract import ToolError

MAX_BITS = 1_200


@dataclass(frozen=True, slots=True)
class Solved:
    """The least-squares coefficients, the diagonal of the inverse of X'X, and X'y."""

    coefficients: tuple[Fraction, ...]
    inverse_diagonal: tuple[Fraction, ...]
    right_side: tuple[Fraction, ...]


def check_size(values: Sequence[Fraction], degree: int) -> None:
    """Refuse numbers whose highest power would be too long as integers over one denominator. Raises ToolError."""
    scale = lcm(*{value.denominator for value in values})
    longest = max(value.numerator.bit_length() - value.denominator.bit_length() for value in values)
    if (max(longest, 0) + scale.bit_length() + 1) * degree > MAX_BITS:
        raise ToolError(
            "limit_exceeded", f"x: bits of its highest power over one denominator: the limit is {MAX_BITS:,}"
        )


def normal_equations(columns: Sequence[Sequence[Fraction]], response: Sequence[Fraction]) -> Solved:
    """Solve X'X b = X'y in whole numbers. Raises ToolError where the columns depend on each other.

    Each column is scaled to integers, so that elimination needs no greatest common divisors.
    """
    scales = [lcm(*{value.denominator for value in column}) for column in columns]
    y_scale = lcm(*{value.denominator for value in response})
    scaled = [_integers(column, scale) for column, scale in zip(columns, scales, strict=True)]
    y = _integers(response, y_scale)
    size = len(columns)
    rows = [
        [*[_dot(one, two) for two in scaled], _dot(one, y), *[int(place == other) for other in range(size)]]
        for place, one in enumerate(scaled)
    ]
    right = [row[size] for row in rows]
    determinant = _eliminate(rows, size)
    return Solved(
        coefficients=tuple([Fraction(rows[i][size] * scales[i], determinant * y_scale) for i in range(size)]),
        inverse_diagonal=tuple([Fraction(rows[i][size + 1 + i] * scales[i] ** 2, determinant) for i in range(size)]),
        right_side=tuple([Fraction(value, scale * y_scale) for value, scale in zip(right, scales, strict=True)]),
    )


def _eliminate(rows: list[list[int]], size: int) -> int:
    """Bring the left square to d times the unit matrix by fraction-free Gauss-Jordan steps (Bareiss); return d."""
    previous = 1
    for step in range(size):
        pivot = next((place for place in range(step, size) if rows[place][step]), None)
        if pivot is None:
            raise ToolError("domain_error", "x: the predictors depend on each other, or have too few values")
        rows[step], rows[pivot] = rows[pivot], rows[step]
        lead, leading = rows[step], rows[step][step]
        for place in range(size):
            if place != step:
                factor = rows[place][step]
                rows[place] = [(leading * a - factor * b) // previous for a, b in zip(rows[place], lead, strict=True)]
        previous = leading
    return previous


def _integers(values: Sequence[Fraction], scale: int) -> list[int]:
    return [value.numerator * (scale // value.denominator) for value in values]


def _dot(first: Sequence[int], second: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(first, second, strict=True))
