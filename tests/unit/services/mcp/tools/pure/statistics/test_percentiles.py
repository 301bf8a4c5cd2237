"""`percentile_calc`: nine methods against NumPy, and where rounding errors would make others jump."""

import random
from fractions import Fraction
from typing import get_args

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.percentiles import Method, PercentileArguments, percentile_calc
from tests.support.mcp.exactness import Exactness

NUMPY_NAMES = {method: "inverted_cdf" if method == "nearest_rank" else method for method in get_args(Method)}


def percentile(data: str, percent: str, method: Method) -> Fraction:
    exact = percentile_calc(PercentileArguments(data=data, percent=percent, method=method)).percentile.exact
    assert exact is not None
    return Fraction(exact)


@pytest.mark.parametrize("method", NUMPY_NAMES)
def test_a_method_agrees_with_numpy(method: Method, exact: Exactness) -> None:
    numpy = pytest.importorskip("numpy")
    source = random.Random(7)
    for _ in exact.cases("percentile_calc", 400):
        size = source.choice((1, 2, 3, 5, 8, 16, 31))
        numbers = [source.randint(-100, 100) for _ in range(size)]
        share = Fraction(source.randint(0, 64), 64)  # exact in binary, so that NumPy rounds nothing
        if (share * size).denominator == 1 and method in ("averaged_inverted_cdf", "closest_observation"):
            continue  # jumps there; tested by their rule below
        expected = numpy.quantile(numpy.array(numbers, dtype=float), float(share), method=NUMPY_NAMES[method])
        found = percentile(" ".join(map(str, numbers)), f"{float(100 * share)!r}", method)
        assert float(found) == pytest.approx(float(expected), rel=1e-12, abs=1e-12), (numbers, share)


@pytest.mark.parametrize(
    ("method", "percent", "value"),
    [
        ("inverted_cdf", "50", "2"),
        ("averaged_inverted_cdf", "50", "2.5"),
        ("averaged_inverted_cdf", "51", "3"),
        ("closest_observation", "37.5", "2"),  # position 1.5 rounds to the even one
        ("closest_observation", "62.5", "2"),
        ("nearest_rank", "30", "2"),
        ("nearest_rank", "0", "1"),
        ("linear", "50", "2.5"),
        ("hazen", "25", "1.5"),
        ("weibull", "20", "1"),
        ("median_unbiased", "25", "17/12"),
        ("normal_unbiased", "25", "23/16"),
        ("interpolated_inverted_cdf", "30", "1.2"),
    ],
)
def test_a_method_follows_its_definition(method: Method, percent: str, value: str) -> None:
    assert percentile("4 3 2 1", percent, method) == Fraction(value)


def test_a_percentile_at_a_jump_is_not_moved_by_binary_rounding() -> None:
    """0.7 * 10 is 7.000000000000001 in binary: the inverted distribution function would return the next value."""
    assert percentile(" ".join(map(str, range(1, 11))), "70", "inverted_cdf") == 7


@pytest.mark.parametrize("percent", ["-1", "100.01", "101"])
def test_a_percent_outside_is_refused(percent: str) -> None:
    with pytest.raises(ToolError) as caught:
        percentile("1 2", percent, "linear")
    assert caught.value.code == "domain_error"
