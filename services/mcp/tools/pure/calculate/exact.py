"""Exact numbers beyond fractions: sums of square roots, and rational multiples of pi.

A surd is a sum of `coefficient * sqrt(radicand)` over different square-free radicands. Such roots are linearly
independent over the rationals (Besicovitch 1940), so the form is canonical: a surd is never zero in disguise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt
from typing import TypeAlias

from services.mcp.tools.pure.calculate.limits import bits, check_bits, fits_bits

MAX_TERMS = 8
MAX_SPLIT_RADICAND = 10**9
MAX_RADICAND = 10**18

_PRIMES = tuple(n for n in range(2, 1000) if all(n % d for d in range(2, isqrt(n) + 1)))


@dataclass(frozen=True, slots=True)
class Surd:
    """(radicand, coefficient) pairs, sorted; radicand 1 is the rational part; never purely rational."""

    terms: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True, slots=True)
class PiMultiple:
    """`coefficient` times pi; never zero."""

    coefficient: Fraction


Exact: TypeAlias = Fraction | Surd | PiMultiple


def rational_sum(left: Fraction, right: Fraction) -> Fraction:
    """left + right. Raises ToolError before a number exceeds the digit limit."""
    check_bits(bits(left) + bits(right) + 1)
    return left + right


def rational_product(left: Fraction, right: Fraction) -> Fraction:
    """left * right. Raises ToolError before a number exceeds the digit limit."""
    if not fits_bits(bits(left) + bits(right)):
        check_bits(_product_bits(left, right))
    return left * right


def _product_bits(left: Fraction, right: Fraction) -> int:
    """Length of a product in lowest terms: common factors are known before the multiplication."""
    across = gcd(left.numerator, right.denominator).bit_length() + gcd(right.numerator, left.denominator).bit_length()
    above = left.numerator.bit_length() + right.numerator.bit_length()
    below = left.denominator.bit_length() + right.denominator.bit_length()
    return max(above, below) - across + 2


def exact_sum(left: Exact, right: Exact) -> Exact | None:
    """Sum, or None where it has no exact form here."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return rational_sum(left, right)
    if isinstance(left, PiMultiple) and isinstance(right, PiMultiple):
        return _pi_multiple(rational_sum(left.coefficient, right.coefficient))
    if isinstance(left, PiMultiple) or isinstance(right, PiMultiple):
        return None
    return _surd((*_terms(left), *_terms(right)))


def exact_product(left: Exact, right: Exact) -> Exact | None:
    """Product, or None where it has no exact form here."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return rational_product(left, right)
    if isinstance(left, PiMultiple):
        return _pi_multiple(rational_product(left.coefficient, right)) if isinstance(right, Fraction) else None
    if isinstance(right, PiMultiple):
        return exact_product(right, left)
    return _surd(_root_product(left_term, right_term) for left_term in _terms(left) for right_term in _terms(right))


def exact_quotient(left: Exact, right: Exact) -> Exact | None:
    """left / right for a right side that is not zero, or None where it has no exact form here."""
    if isinstance(left, PiMultiple) and isinstance(right, PiMultiple):
        return rational_product(left.coefficient, 1 / right.coefficient)
    inverse = _inverse(right)
    return None if inverse is None else exact_product(left, inverse)


def exact_root(value: Fraction) -> Exact | None:
    """Square root of a fraction >= 0, or None if its radicand is too large to be split."""
    numerator, denominator = isqrt(value.numerator), isqrt(value.denominator)
    if numerator**2 == value.numerator and denominator**2 == value.denominator:
        return Fraction(numerator, denominator)
    radicand = value.numerator * value.denominator
    if radicand > MAX_SPLIT_RADICAND:
        return None
    outside, inside = _split_square(radicand)
    return _surd([(inside, Fraction(outside, value.denominator))])


def _split_square(value: int) -> tuple[int, int]:
    """(a, b) with value = a² b and b square-free.

    value <= 10**9, so the rest after the primes below 1,000 has at most two prime factors.
    """
    outside, inside = 1, 1
    for prime in _PRIMES:
        while value % (prime * prime) == 0:
            value //= prime * prime
            outside *= prime
        if value % prime == 0:
            value //= prime
            inside *= prime
    root = isqrt(value)
    return (outside * root, inside) if root * root == value else (outside, inside * value)


def _terms(value: Fraction | Surd) -> tuple[tuple[int, Fraction], ...]:
    return ((1, value),) if isinstance(value, Fraction) else value.terms


def _root_product(left: tuple[int, Fraction], right: tuple[int, Fraction]) -> tuple[int, Fraction]:
    common = gcd(left[0], right[0])
    coefficient = rational_product(rational_product(left[1], right[1]), Fraction(common))
    return (left[0] // common) * (right[0] // common), coefficient


def _surd(terms: Iterable[tuple[int, Fraction]]) -> Exact | None:
    """Add up like roots; a rational result is a Fraction, one with too many or too large roots is None."""
    sums: dict[int, Fraction] = {}
    for radicand, coefficient in terms:
        sums[radicand] = rational_sum(sums.get(radicand, Fraction(0)), coefficient)
    nonzero = tuple(sorted((radicand, total) for radicand, total in sums.items() if total))
    if all(radicand == 1 for radicand, _ in nonzero):
        return sums.get(1, Fraction(0))
    if len(nonzero) > MAX_TERMS or nonzero[-1][0] > MAX_RADICAND:
        return None
    return Surd(nonzero)


def _pi_multiple(coefficient: Fraction) -> Exact:
    return PiMultiple(coefficient) if coefficient else Fraction(0)


def _inverse(value: Exact) -> Exact | None:
    """1/value: by the conjugate for one or two terms, whose product with the value is rational."""
    if isinstance(value, Fraction):
        return 1 / value
    if isinstance(value, PiMultiple) or len(value.terms) > 2:
        return None
    last_radicand, last = value.terms[-1]
    conjugate = Surd((*value.terms[:-1], (last_radicand, -last if len(value.terms) == 2 else last)))
    norm = exact_product(value, conjugate)
    return exact_product(conjugate, 1 / norm) if isinstance(norm, Fraction) else None
