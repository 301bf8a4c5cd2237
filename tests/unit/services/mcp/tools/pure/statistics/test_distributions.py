"""Tail probabilities and quantiles against mpmath at 60 digits: all 15 digits."""

import random
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction

import pytest

from services.mcp.tools.pure.figures import as_decimal, decided
from services.mcp.tools.pure.statistics.distributions import (
    Distribution,
    SignedRoot,
    beta,
    chi_squared,
    fisher_f,
    normal,
    student_t,
    tail_of_ratio,
    tail_of_root,
)
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats

mpmath = pytest.importorskip("mpmath")
FIFTEEN = Context(prec=15)


def fifteen(value: Fraction | Decimal) -> Decimal:
    return FIFTEEN.plus(value if isinstance(value, Decimal) else as_decimal(value))


def truth(compute: Callable[[], object]) -> Decimal:
    with mpmath.workdps(60):
        return FIFTEEN.create_decimal(mpmath.nstr(compute(), 40))


def real(value: Fraction) -> object:
    return mpmath.mpf(value.numerator) / value.denominator


def fractions(source: random.Random, low: int, high: int) -> Fraction:
    return Fraction(source.randint(low, high), source.choice((1, 2, 3, 7, 10)))


def test_normal_tails(exact: Exactness) -> None:
    source = random.Random(11)
    for _ in exact.cases("hypothesis_test", 300):
        square = fractions(source, 1, 400)
        found = tail_of_root(normal(), SignedRoot(1, square), "two-sided")
        assert fifteen(found) == truth(lambda square=square: mpmath.erfc(mpmath.sqrt(real(square / 2))))  # type: ignore[misc]


def test_student_tails_with_whole_and_broken_degrees_of_freedom(exact: Exactness) -> None:
    source = random.Random(12)
    for _ in exact.cases("hypothesis_test", 200):
        df, square = fractions(source, 10, 300), fractions(source, 1, 200)
        found = tail_of_root(student_t(df), SignedRoot(1, square), "greater")
        expected = truth(
            lambda df=df, square=square: (
                mpmath.betainc(  # type: ignore[misc]
                    real(df / 2), mpmath.mpf(1) / 2, 0, real(df / (df + square)), regularized=True
                )
                / 2
            )
        )
        assert fifteen(found) == expected, (df, square)


def test_chi_squared_tails(exact: Exactness) -> None:
    source = random.Random(13)
    for _ in exact.cases("hypothesis_test", 200):
        df, statistic = Fraction(source.randint(1, 60)), fractions(source, 1, 300)
        found = tail_of_ratio(chi_squared(df), statistic, "greater")
        expected = truth(
            lambda df=df, statistic=statistic: mpmath.gammainc(real(df / 2), real(statistic / 2), regularized=True)  # type: ignore[misc]
        )
        assert fifteen(found) == expected, (df, statistic)


def test_f_tails(exact: Exactness) -> None:
    source = random.Random(14)
    for _ in exact.cases("hypothesis_test", 200):
        df1, df2 = Fraction(source.randint(1, 40)), Fraction(source.randint(1, 60))
        statistic = fractions(source, 1, 60)
        rest = df2 / (df1 * statistic + df2)
        found = tail_of_ratio(fisher_f(df1, df2), statistic, "greater")
        expected = truth(
            lambda df1=df1, df2=df2, rest=rest: mpmath.betainc(  # type: ignore[misc]
                real(df2 / 2), real(df1 / 2), 0, real(rest), regularized=True
            )
        )
        assert fifteen(found) == expected, (df1, df2, statistic)


@pytest.mark.parametrize(
    ("distribution", "name", "parameters"),
    [
        (normal(), "norm", ()),
        (student_t(Fraction(1)), "t", (1,)),
        (student_t(Fraction(7, 2)), "t", (3.5,)),
        (student_t(Fraction(1_000)), "t", (1_000,)),
        (chi_squared(Fraction(1)), "chi2", (1,)),
        (chi_squared(Fraction(250)), "chi2", (250,)),
        (fisher_f(Fraction(3), Fraction(17)), "f", (3, 17)),
        (beta(Fraction(8), Fraction(13)), "beta", (8, 13)),
        (beta(Fraction(1), Fraction(400)), "beta", (1, 400)),
    ],
    ids=["normal", "t1", "t3.5", "t1000", "chi1", "chi250", "f", "beta", "beta400"],
)
def test_a_quantile_has_its_probability_below_it_and_is_where_scipy_puts_it(
    distribution: Distribution, name: str, parameters: tuple[float, ...]
) -> None:
    for below in (Fraction(1, 10**6), Fraction(1, 40), Fraction(1, 3), Fraction(39, 40), Fraction(9_995, 10_000)):
        point = distribution.quantile(below)
        probability = decided(lambda point=point: distribution.tails(point)[0])  # type: ignore[misc]
        assert abs(probability / as_decimal(below) - 1) < Decimal("1e-17")
        expected = float(getattr(stats(), name).ppf(float(below), *parameters))
        assert float(point) == pytest.approx(expected, rel=1e-9)


def test_far_tails_keep_their_digits() -> None:
    found = tail_of_root(normal(), SignedRoot(1, Fraction(10_000)), "greater")
    assert fifteen(found) == truth(lambda: mpmath.erfc(mpmath.sqrt(5_000)) / 2)


def test_a_statistic_of_zero_has_an_exact_p_value() -> None:
    zero = SignedRoot(0, Fraction(0))
    assert tail_of_root(normal(), zero, "two-sided") == 1
    assert tail_of_root(normal(), zero, "greater") == tail_of_root(normal(), zero, "less") == Fraction(1, 2)
    assert tail_of_ratio(chi_squared(Fraction(3)), Fraction(0), "greater") == 1


def test_the_median_of_a_symmetric_distribution_is_zero() -> None:
    assert student_t(Fraction(5)).quantile(Fraction(1, 2)) == 0
