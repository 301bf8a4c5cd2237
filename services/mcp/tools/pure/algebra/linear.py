"""Matrices of fractions: products, and elimination without fractions (Bareiss 1968), from which the rest follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, log2
from typing import TypeAlias

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.polynomials import Polynomial, polynomial

Row: TypeAlias = tuple[Fraction, ...]
Matrix: TypeAlias = tuple[Row, ...]

MAX_DIGITS = 1_000
_MAX_BITS = int(MAX_DIGITS * log2(10))


@dataclass(frozen=True, slots=True)
class Echelon:
    """Rows of integers in which each pivot column holds `pivot` once and else zeros; `scale` is what rows were
    multiplied with before, `sign` the parity of the swaps."""

    rows: tuple[tuple[int, ...], ...]
    pivots: tuple[int, ...]
    pivot: int
    scale: int
    sign: int

    def reduced(self) -> Matrix:
        """Reduced row echelon form."""
        return tuple(tuple(Fraction(entry, self.pivot) for entry in row) for row in self.rows)


def identity(size: int) -> Matrix:
    return tuple(tuple(Fraction(i == j) for j in range(size)) for i in range(size))


def transposed(a: Matrix) -> Matrix:
    return tuple(zip(*a, strict=True))


def added(a: Matrix, b: Matrix) -> Matrix:
    return tuple(tuple(x + y for x, y in zip(*rows, strict=True)) for rows in zip(a, b, strict=True))


def product(a: Matrix, b: Matrix) -> Matrix:
    columns = transposed(b)
    return tuple(tuple(_dot(row, column) for column in columns) for row in a)


def power(a: Matrix, exponent: int) -> Matrix:
    """a to an exponent >= 0, by squaring. Raises ToolError(limit_exceeded) before numbers grow too long."""
    size = max(abs(entry.numerator) for row in _whole(a)[0] for entry in row) * len(a)
    check_digits(exponent * max(log2(size or 1), log2(_whole(a)[1])))
    result = identity(len(a))
    while exponent:
        if exponent % 2:
            result = product(result, a)
        exponent //= 2
        a = product(a, a) if exponent else a
    return result


def determinant(a: Matrix) -> Fraction:
    echelon = eliminate(a, len(a))
    return Fraction(echelon.sign * echelon.pivot, echelon.scale) if len(echelon.pivots) == len(a) else Fraction(0)


def inverse(a: Matrix) -> Matrix:
    """Raises ToolError(domain_error) for a singular matrix."""
    size = len(a)
    echelon = eliminate(tuple((*row, *unit) for row, unit in zip(a, identity(size), strict=True)), size)
    if len(echelon.pivots) < size:
        raise ToolError("domain_error", "a: a singular matrix has no inverse")
    return tuple(row[size:] for row in echelon.reduced())


def eliminate(a: Matrix, columns: int) -> Echelon:
    """Bring the first `columns` columns into echelon form. Raises ToolError(limit_exceeded) before the work.

    Every entry stays a minor of the matrix, so Hadamard's bound on determinants bounds all digits.
    """
    scales = [lcm(*(entry.denominator for entry in row)) for row in a]
    rows = [[int(entry * scale) for entry in row] for row, scale in zip(a, scales, strict=True)]
    check_digits(sum(log2(sum(entry * entry for entry in row) or 1) / 2 for row in rows))
    scale, sign, previous = 1, 1, 1
    for one in scales:
        scale *= one
    pivots: list[int] = []
    for column in range(columns):
        place = len(pivots)
        found = next((i for i in range(place, len(rows)) if rows[i][column]), None)
        if found is None:
            continue
        if found != place:
            rows[place], rows[found], sign = rows[found], rows[place], -sign
        _clear(rows, place, column, previous)
        previous = rows[place][column]
        pivots.append(column)
    return Echelon(tuple(tuple(row) for row in rows), tuple(pivots), previous, scale, sign)


def characteristic_polynomial(a: Matrix) -> Polynomial:
    """det(x I - a), by Faddeev and LeVerrier: M <- a M + c I, c = -trace(a M) / k."""
    size = len(a)
    whole, scale = _whole(a)
    check_digits(size * log2(size * max(abs(entry) for row in whole for entry in row) or 1))
    coefficients, current = [Fraction(1)], identity(size)
    for k in range(1, size + 1):
        current = product(whole, current)
        coefficient = -sum((current[i][i] for i in range(size)), Fraction(0)) / k
        coefficients.append(coefficient)
        current = added(current, tuple(tuple(coefficient * entry for entry in row) for row in identity(size)))
    return polynomial(c / scale**k for k, c in reversed(list(enumerate(coefficients))))


def check_digits(bits: float) -> None:
    if bits > _MAX_BITS:
        raise ToolError("limit_exceeded", f"digits that an entry may reach: the limit is {MAX_DIGITS:,}")


def _clear(rows: list[list[int]], place: int, column: int, previous: int) -> None:
    """Make every other entry of the column zero; divisions by the previous pivot leave no rest."""
    pivot_row = rows[place]
    pivot = pivot_row[column]
    for i, row in enumerate(rows):
        if i != place:
            factor = row[column]
            rows[i] = [(pivot * x - factor * y) // previous for x, y in zip(row, pivot_row, strict=True)]


def _whole(a: Matrix) -> tuple[Matrix, int]:
    """Integer matrix and the common denominator that it was multiplied with."""
    scale = lcm(*(entry.denominator for row in a for entry in row))
    return tuple(tuple(entry * scale for entry in row) for row in a), scale


def _dot(row: Sequence[Fraction], column: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0))
