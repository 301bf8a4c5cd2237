"""Gamma and beta functions in the current decimal context.

Sources are sections of the NIST Digital Library of Mathematical Functions (dlmf.nist.gov). Every function may lose a
few digits of the context's precision; `figures.decided` calls at rising precision until 15 digits no longer change.
"""

from collections.abc import Iterator
from decimal import Decimal, getcontext
from fractions import Fraction
from functools import cache, lru_cache
from itertools import count
from math import comb

from services.mcp.contract import ToolError

MAX_STEPS = 20_000

_PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651328"
    "2306647093844609550582231725359408128481117450284102701938521105559644622948954930381964428810975665933446"
)
_ONE = Decimal(1)
_SERIES_REACH = 6  # nearer to a the continued fraction is slow; the series costs a few digits of the upper tail


def pi() -> Decimal:
    return +_PI


def log_gamma(z: Decimal) -> Decimal:
    """ln Γ(z) for z > 0 by Stirling's series (DLMF 5.11.1) after raising z (5.5.1)."""
    return _log_gamma(z, getcontext().prec)


@lru_cache(maxsize=64)
def _log_gamma(z: Decimal, precision: int) -> Decimal:
    raised, product = z, _ONE
    while raised < precision // 2 + 10:
        product *= raised
        raised += 1
    series = (raised - Decimal("0.5")) * raised.ln() - raised + (2 * pi()).ln() / 2
    power, square = raised, raised * raised
    for k in count(1):
        term = _stirling(k) / power
        series += term
        power *= square
        if abs(term) < Decimal(10) ** (-precision):
            break
    return series - product.ln()


def gamma_tails(a: Decimal, x: Decimal) -> tuple[Decimal, Decimal]:
    """Regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P, for a > 0 and x >= 0."""
    if not x:
        return Decimal(0), _ONE
    scale = (a * x.ln() - x - log_gamma(a)).exp()
    if x < a + _SERIES_REACH:
        lower = scale * _gamma_series(a, x)
        return lower, _ONE - lower
    upper = scale / _continued_fraction(x + 1 - a, _gamma_terms(a, x))
    return _ONE - upper, upper


def beta_tails(a: Decimal, b: Decimal, x: Decimal, rest: Decimal) -> tuple[Decimal, Decimal]:
    """Regularised incomplete beta function I_x(a, b) and 1 - I; `rest` is 1 - x, uncancelled."""
    if not x or not rest:
        return (Decimal(0), _ONE) if not x else (_ONE, Decimal(0))
    scale = (a * x.ln() + b * rest.ln() + log_gamma(a + b) - log_gamma(a) - log_gamma(b)).exp()
    if x * (a + b + 2) < a + 1:
        lower = scale / (a * _continued_fraction(_ONE, _beta_terms(a, b, x)))
        return lower, _ONE - lower
    upper = scale / (b * _continued_fraction(_ONE, _beta_terms(b, a, rest)))
    return _ONE - upper, upper


def _gamma_series(a: Decimal, x: Decimal) -> Decimal:
    """DLMF 8.11.4: the sum of x^k / (a (a+1) ... (a+k))."""
    term = total = _ONE / a
    tiny = Decimal(10) ** (-getcontext().prec)
    for k in range(1, MAX_STEPS):
        term *= x / (a + k)
        total += term
        if term < total * tiny:
            return total
    raise _too_slow()


def _gamma_terms(a: Decimal, x: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """DLMF 8.9.2 in its even form: pairs of numerator and denominator."""
    for k in count(1):
        yield k * (a - k), x + 2 * k + 1 - a


def _beta_terms(a: Decimal, b: Decimal, x: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """DLMF 8.17.22."""
    yield -(a + b) * x / (a + 1), _ONE
    for m in count(1):
        yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), _ONE
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), _ONE


def _continued_fraction(first: Decimal, terms: Iterator[tuple[Decimal, Decimal]]) -> Decimal:
    """first + n1/(d1 + n2/(d2 + ...)) by the modified Lentz method (DLMF 3.10(iii))."""
    smallest = Decimal(10) ** (-10 * getcontext().prec)
    tiny = Decimal(10) ** (1 - getcontext().prec)
    value = ratio = first or smallest
    inverse = Decimal(0)
    for _, (numerator, denominator) in zip(range(MAX_STEPS), terms, strict=False):
        inverse = _ONE / ((denominator + numerator * inverse) or smallest)
        ratio = (denominator + numerator / ratio) or smallest
        change = ratio * inverse
        value *= change
        if abs(change - 1) < tiny:
            return value
    raise _too_slow()


@cache
def _stirling_exactly(k: int) -> Fraction:
    return _bernoulli(2 * k) / (2 * k * (2 * k - 1))


def _stirling(k: int) -> Decimal:
    exact = _stirling_exactly(k)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


@cache
def _bernoulli(n: int) -> Fraction:
    """DLMF 24.5.3."""
    if n == 0:
        return Fraction(1)
    if n > 1 and n % 2:
        return Fraction(0)
    return -sum((comb(n + 1, k) * _bernoulli(k) for k in range(n)), Fraction(0)) / (n + 1)


def _too_slow() -> ToolError:
    return ToolError("limit_exceeded", f"steps of a special function: the limit is {MAX_STEPS:,}")
