"""`statistics_calc` against the standard library's `statistics` on exact fractions."""

import random
import statistics
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from fractions import Fraction

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.statistics.describe import Statistic, StatisticsArguments, statistics_calc
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats

FIFTEEN = Context(prec=15)
ORACLES: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "mean": statistics.mean,
    "median": statistics.median,
    "variance": statistics.variance,
    "pvariance": statistics.pvariance,
    "sum": lambda values: sum(values, Fraction(0)),
    "min": min,
    "max": max,
    "count": lambda values: Fraction(len(values)),
}


def measured(data: str, operations: str) -> dict[str, Statistic]:
    result = statistics_calc(StatisticsArguments(data=data, operations=operations))
    return {statistic.name: statistic for statistic in result.statistics}


def exactly(statistic: Statistic) -> Fraction:
    (value,) = statistic.values
    assert value.exact is not None
    return Fraction(value.exact)


def samples(exact: Exactness, count: int, seed: int) -> list[list[Decimal]]:
    source = random.Random(seed)
    return [
        [Decimal(source.randint(-5_000, 5_000)).scaleb(-source.randint(0, 3)) for _ in range(source.randint(2, 12))]
        for _ in exact.cases("statistics_calc", count)
    ]


def test_a_thousand_samples_agree_with_the_standard_library_exactly(exact: Exactness) -> None:
    for numbers in samples(exact, 1_000, seed=1):
        fractions = [Fraction(number) for number in numbers]
        found = measured(" ".join(f"{number:f}" for number in numbers), ", ".join(ORACLES))
        for name, oracle in ORACLES.items():
            assert exactly(found[name]) == oracle(fractions), (name, numbers)


def test_standard_deviations_are_rounded_correctly(exact: Exactness) -> None:
    for numbers in samples(exact, 1_000, seed=2):
        found = measured(" ".join(f"{number:f}" for number in numbers), "stdev, pstdev")
        fractions = [Fraction(number) for number in numbers]
        for name, square in (("stdev", statistics.variance(fractions)), ("pstdev", statistics.pvariance(fractions))):
            root = (
                Context(prec=60).divide(Decimal(square.numerator), Decimal(square.denominator)).sqrt(Context(prec=50))
            )
            assert Decimal(found[name].values[0].rounded) == FIFTEEN.plus(root)


def test_harmonic_and_geometric_means_agree_with_the_standard_library(exact: Exactness) -> None:
    source = random.Random(3)
    for _ in exact.cases("statistics_calc", 500):
        numbers = [Fraction(source.randint(1, 900), 8) for _ in range(source.randint(2, 8))]
        data = " ".join(str(float(number)) for number in numbers)
        found = measured(data, "harmonic_mean, geometric_mean")
        harmonic = found["harmonic_mean"].values[0]
        assert abs(float(harmonic.rounded) / float(statistics.harmonic_mean(numbers)) - 1) < 1e-14
        geometric = statistics.geometric_mean([float(number) for number in numbers])
        assert abs(float(found["geometric_mean"].values[0].rounded) / geometric - 1) < 1e-13


def test_modes_are_all_values_that_are_most_frequent(exact: Exactness) -> None:
    source = random.Random(4)
    for _ in exact.cases("statistics_calc", 500):
        numbers = [source.randint(0, 5) for _ in range(source.randint(1, 20))]
        found = measured(" ".join(map(str, numbers)), "mode")["mode"]
        assert [Fraction(value.rounded) for value in found.values] == sorted(
            map(Fraction, statistics.multimode(numbers))
        )


def test_skewness_and_kurtosis_agree_with_scipy(exact: Exactness) -> None:
    source = random.Random(5)
    for _ in exact.cases("statistics_calc", 500):
        numbers = [source.randint(0, 100) for _ in range(10)]
        found = measured(" ".join(map(str, numbers)), "skewness, kurtosis")
        assert float(found["skewness"].values[0].rounded) == pytest.approx(
            float(stats().skew(numbers)), rel=1e-11, abs=1e-12
        )
        kurtosis = float(stats().kurtosis(numbers))
        assert float(found["kurtosis"].values[0].rounded) == pytest.approx(kurtosis, rel=1e-10, abs=1e-12)


def test_measures_of_spread_agree_with_scipy(exact: Exactness) -> None:
    source = random.Random(6)
    for _ in exact.cases("statistics_calc", 500):
        numbers = [source.randint(1, 800) / 8 for _ in range(source.randint(3, 12))] + [0.5, 101.0]
        found = measured(" ".join(map(str, numbers)), "standard_error, cv, mad, range")
        expected = {
            "standard_error": stats().sem(numbers),
            "cv": stats().variation(numbers, ddof=1),
            "mad": stats().median_abs_deviation(numbers),
            "range": max(numbers) - min(numbers),
        }
        for name, value in expected.items():
            assert float(found[name].values[0].rounded) == pytest.approx(float(value), rel=1e-12), (name, numbers)


def test_other_measures_follow_their_rules() -> None:
    found = measured("1 1 2 2 4 6 9", "mad, range, sum_of_squares, standard_error, cv")
    assert found["mad"].values[0].exact == "1"
    assert found["range"].values[0].exact == "8"
    assert found["sum_of_squares"].values[0].exact == "143"
    assert found["standard_error"].values[0].rounded == "1.13088972257504"
    assert found["cv"].values[0].exact == "sqrt(1316/1875)"


@pytest.mark.parametrize(
    ("german", "name"),
    [("Mittelwert", "mean"), ("Standardabweichung", "stdev"), ("Modus", "mode"), ("Summe", "sum"), ("Anzahl", "count")],
)
def test_german_names_are_understood(german: str, name: str) -> None:
    assert list(measured("1 2 3", german)) == [name]


@pytest.mark.parametrize(
    ("data", "operations", "code"),
    [
        ("1", "stdev", "domain_error"),
        ("1 2", "mean, magic", "invalid_argument"),
        ("-1 1", "harmonic_mean", "domain_error"),
        ("-1 2", "geometric_mean", "domain_error"),
        ("3 3", "skewness", "division_by_zero"),
        ("-1 1", "cv", "division_by_zero"),
        (" ".join(map(str, range(200))), "mode", "limit_exceeded"),
    ],
)
def test_what_has_no_value_is_refused(data: str, operations: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        measured(data, operations)
    assert caught.value.code == code


def test_a_geometric_mean_that_is_rational_is_exact() -> None:
    (value,) = measured("2 4 8", "geometric_mean")["geometric_mean"].values
    assert (value.exact, value.is_exact) == ("4", True)


def test_the_answer_is_german_with_decimal_commas() -> None:
    answer = invoke("statistics_calc", {"data": "1; 2", "operations": "mean"}, AnswerStyle(language="de")).answer
    assert answer == "2 Zahlen: Mittelwert 1,5."
