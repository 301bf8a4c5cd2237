"""Tail probabilities and quantiles of the normal, t, chi-squared and F distributions, to 15 significant digits.

Statistics are exact squares wherever a root would be irrational, so that nothing is rounded before the tail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import as_decimal, decided
from services.mcp.tools.pure.statistics.special import beta_tails, gamma_tails

Alternative = Literal["two-sided", "greater", "less"]
Tails: TypeAlias = tuple[Decimal, Decimal]  # probability below, probability above

HALF = Fraction(1, 2)
_HALF = Decimal("0.5")
_BISECTIONS = 4_000
_LADDER = (18, 34, 52, 80)  # precisions at which a root is found before the next finer one
_GUARD = 8  # digits that a tail may lose


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """sign * sqrt(square): a statistic such as t or z, exactly."""

    sign: int
    square: Fraction

    @classmethod
    def ratio(cls, difference: Fraction, variance: Fraction) -> "SignedRoot":
        """difference / sqrt(variance)."""
        return cls((difference > 0) - (difference < 0), difference**2 / variance)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution by its tails at a point, which must be inside the support; `symmetric` ones are about zero."""

    tails: Callable[[Decimal], Tails]
    symmetric: bool

    def point(self, below: Fraction) -> Decimal:
        """Point with probability `below` (between 0 and 1) under it, in the current decimal context."""
        if self.symmetric and below <= HALF:
            return Decimal(0) if below == HALF else -self.point(1 - below)
        return _solved(self, below, getcontext().prec)

    def quantile(self, below: Fraction) -> Decimal:
        """That point to 15 digits. Raises ToolError."""
        return decided(lambda: self.point(below))


@cache
def normal() -> Distribution:
    """The standard normal distribution: Q(1/2, z²/2) is twice a tail (DLMF 7.11.2)."""
    return Distribution(lambda point: _signed(point, gamma_tails(_HALF, point * point / 2)[1] / 2), symmetric=True)


@lru_cache(maxsize=32)
def student_t(df: Fraction) -> Distribution:
    """Student's t: I_x(df/2, 1/2) at x = df/(df + t²) is twice a tail (DLMF 8.17, Abramowitz & Stegun 26.7.1)."""

    def tails(point: Decimal) -> Tails:
        freedom, square = as_decimal(df), point * point
        total = freedom + square
        return _signed(point, beta_tails(freedom / 2, _HALF, freedom / total, square / total)[0] / 2)

    return Distribution(tails, symmetric=True)


@lru_cache(maxsize=32)
def chi_squared(df: Fraction) -> Distribution:
    """Chi-squared: P(df/2, x/2) (Abramowitz & Stegun 26.4.19)."""
    return Distribution(lambda point: gamma_tails(as_decimal(df) / 2, point / 2), symmetric=False)


@lru_cache(maxsize=32)
def fisher_f(df1: Fraction, df2: Fraction) -> Distribution:
    """F: I_x(df1/2, df2/2) at x = df1 F/(df1 F + df2) (Abramowitz & Stegun 26.6.2)."""

    def tails(point: Decimal) -> Tails:
        first, second = as_decimal(df1), as_decimal(df2)
        total = first * point + second
        return beta_tails(first / 2, second / 2, first * point / total, second / total)

    return Distribution(tails, symmetric=False)


@lru_cache(maxsize=32)
def beta(a: Fraction, b: Fraction) -> Distribution:
    """The beta distribution on 0..1."""
    return Distribution(lambda x: beta_tails(as_decimal(a), as_decimal(b), x, 1 - x), symmetric=False)


def tail_of_root(distribution: Distribution, statistic: SignedRoot, alternative: Alternative) -> Fraction | Decimal:
    """p value of a statistic under a symmetric distribution, exactly at zero. Raises ToolError."""
    if not statistic.sign:
        return Fraction(1) if alternative == "two-sided" else HALF

    def probability() -> Decimal:
        low, high = distribution.tails(statistic.sign * as_decimal(statistic.square).sqrt())
        return _chosen(low, high, alternative)

    return decided(probability)


def tail_of_ratio(distribution: Distribution, statistic: Fraction, alternative: Alternative) -> Fraction | Decimal:
    """p value of a statistic that is not negative, exactly at zero; two-sided doubles the smaller tail."""
    if not statistic:
        return Fraction(int(alternative == "greater"))
    return decided(lambda: _chosen(*distribution.tails(as_decimal(statistic)), alternative))


def _chosen(low: Decimal, high: Decimal, alternative: Alternative) -> Decimal:
    if alternative == "two-sided":
        return min(2 * min(low, high), Decimal(1))
    return high if alternative == "greater" else low


def _signed(point: Decimal, tail: Decimal) -> Tails:
    return (tail, 1 - tail) if point < 0 else (1 - tail, tail)


@lru_cache(maxsize=32)
def _solved(distribution: Distribution, below: Fraction, precision: int) -> Decimal:
    """Solve for the smaller of the two tails, coarsely first: the other tail is nearly 1 and imprecise."""
    low_wanted, high_wanted = as_decimal(below), as_decimal(1 - below)
    by_upper = high_wanted < low_wanted

    def miss(point: Decimal) -> Decimal:
        low, high = distribution.tails(point)
        return high_wanted - high if by_upper else low - low_wanted

    share = Decimal(10) ** (_GUARD - precision)
    coarser = max((step for step in _LADDER if step < precision), default=0)
    if not coarser:
        return _root(miss, _bracket(miss), share)
    with localcontext(prec=coarser):
        near = _solved(distribution, below, coarser)
    reach = near * Decimal(10) ** (_GUARD + 1 - coarser)
    bracket = (near - reach, near + reach)
    if not miss(bracket[0]) <= 0 <= miss(bracket[1]):
        bracket = _bracket(miss)
    return _root(miss, bracket, share)


def _root(miss: Callable[[Decimal], Decimal], bracket: tuple[Decimal, Decimal], share: Decimal) -> Decimal:
    """Positive zero of a rising function to that fraction of itself (Illinois rule). Raises ToolError."""
    low, high = bracket
    low_miss, high_miss = miss(low), miss(high)
    for _ in range(_BISECTIONS):
        if not low_miss or not high_miss or abs(high - low) <= abs(high) * share:
            return high if not high_miss else low if not low_miss else (low + high) / 2
        point = high - high_miss * (high - low) / (high_miss - low_miss)
        if not low < point < high:
            point = (low + high) / 2
        value = miss(point)
        if (value > 0) == (high_miss > 0):
            high, high_miss, low_miss = point, value, low_miss / 2
        else:
            low, low_miss, high_miss = point, value, high_miss / 2
    raise _unbracketed()


def _bracket(miss: Callable[[Decimal], Decimal]) -> tuple[Decimal, Decimal]:
    low = high = Decimal(1)
    for _ in range(_BISECTIONS):
        if miss(low) <= 0:
            break
        low /= 2
    for _ in range(_BISECTIONS):
        if miss(high) >= 0:
            return low, high
        high *= 2
    raise _unbracketed()


def _unbracketed() -> ToolError:
    return ToolError("undecided", "the quantile could not be enclosed")
