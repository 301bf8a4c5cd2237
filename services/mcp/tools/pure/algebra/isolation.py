"""Real roots of a polynomial without repeated roots: separated by Sturm's theorem, narrowed by bisection.

Every interval holds exactly one root: between two points there are as many roots as sign changes are lost in the chain
p, p', -rem(p, p'), ... (Sturm 1829).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from services.mcp.tools.pure.algebra.polynomials import Polynomial, derivative, divide, evaluate, primitive, scale
from services.mcp.tools.pure.arithmetic.rounding import significant

Integers: TypeAlias = tuple[int, ...]

_SIGNIFICANT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class RootInterval:
    """low < root < high, or low == high == root."""

    low: Fraction
    high: Fraction


def real_root_intervals(value: Polynomial) -> tuple[RootInterval, ...]:
    """One interval for each real root, in rising order. `value` is squarefree and of degree >= 1."""
    chain = _sturm_chain(value)
    bound = _root_bound(value)
    pending = [(-bound, _variations(chain, -bound), bound, _variations(chain, bound))]
    found = []
    while pending:
        low, at_low, high, at_high = pending.pop()
        if at_low - at_high == 1:  # roots in (low, high]
            found.append(RootInterval(low, high))
        elif at_low - at_high > 1:
            middle = (low + high) / 2
            at_middle = _variations(chain, middle)
            pending += [(low, at_low, middle, at_middle), (middle, at_middle, high, at_high)]
    return tuple(sorted((_trimmed(value, interval) for interval in found), key=lambda one: one.low))


def narrowed(value: Polynomial, interval: RootInterval) -> tuple[RootInterval, Decimal]:
    """Halve the interval until both ends round to the same 15 significant digits; return both.

    A rational root with so many digits that it stays indistinguishable from a tie becomes a point.
    """
    low, high = interval.low, interval.high
    whole = _integers(value)
    at_low = _scaled_value(whole, low)
    while low != high and significant(low, _SIGNIFICANT_DIGITS) != significant(high, _SIGNIFICANT_DIGITS):
        middle = (low + high) / 2
        at_middle = _scaled_value(whole, middle)
        if at_middle == 0:
            low = high = middle
        elif (at_middle > 0) == (at_low > 0):
            low = middle
        else:
            high = middle
    return RootInterval(low, high), significant(low, _SIGNIFICANT_DIGITS)


def _trimmed(value: Polynomial, interval: RootInterval) -> RootInterval:
    """Turn (low, high] into an open interval or a point, and make sure that the sign changes across it."""
    low, high = interval.low, interval.high
    if evaluate(value, high) == 0:
        return RootInterval(high, high)
    while evaluate(value, low) == 0:  # a root of the neighbour
        middle = (low + high) / 2
        at_middle = evaluate(value, middle)
        if at_middle == 0:
            return RootInterval(middle, middle)
        if (at_middle > 0) == (evaluate(value, high) > 0):
            high = middle
        else:
            low = middle
    return RootInterval(low, high)


def _sturm_chain(value: Polynomial) -> tuple[Integers, ...]:
    chain = [value, derivative(value)]
    while len(chain[-1]) > 1:
        rest = divide(chain[-2], chain[-1])[1]
        chain.append(_positive_primitive(scale(rest, Fraction(-1))))
    return tuple(_integers(one) for one in chain)


def _positive_primitive(value: Polynomial) -> Polynomial:
    """Shorten the coefficients by a positive factor: the sign must stay."""
    short = primitive(value)
    return scale(short, Fraction(-1)) if value and value[-1] < 0 else short


def _integers(value: Polynomial) -> Integers:
    """Integer coefficients of a positive multiple, the highest power first."""
    return tuple(coefficient.numerator for coefficient in reversed(_positive_primitive(value)))


def _scaled_value(value: Integers, x: Fraction) -> int:
    """Value at x times a positive power of its denominator: the sign, without any division."""
    total, scaling = 0, 1
    for coefficient in value:
        total = total * x.numerator + coefficient * scaling
        scaling *= x.denominator
    return total


def _variations(chain: tuple[Integers, ...], x: Fraction) -> int:
    signs = [at > 0 for at in (_scaled_value(one, x) for one in chain) if at]
    return sum(a != b for a, b in pairwise(signs))


def _root_bound(value: Polynomial) -> Fraction:
    """Fujiwara's bound 2 max |a_(n-k) / a_n|^(1/k), rounded up to a power of two: every root is smaller in size."""
    bits = 0
    for k, coefficient in enumerate(reversed(value)):
        if k and coefficient:
            ratio = abs(coefficient / value[-1])
            size = ratio.numerator.bit_length() - ratio.denominator.bit_length() + 1  # log2(ratio) < size
            bits = max(bits, -(-size // k))
    return Fraction(1 << (bits + 2))
