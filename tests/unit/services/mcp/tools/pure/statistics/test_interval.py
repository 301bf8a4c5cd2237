"""`confidence_interval` against scipy and published examples."""

import random
from collections.abc import Sequence
from typing import TypeAlias

import pytest
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.interval.models import IntervalArguments, IntervalResult
from services.mcp.tools.pure.statistics.interval.tool import confidence_interval
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats

Case: TypeAlias = tuple[dict[str, JsonValue], tuple[float, float]]  # arguments, and the bounds


def interval(**arguments: JsonValue) -> IntervalResult:
    return confidence_interval(IntervalArguments.model_validate(arguments))


def bounds(**arguments: JsonValue) -> tuple[float, float]:
    result = interval(**arguments)
    return float(result.lower.rounded), float(result.upper.rounded)


def written(values: Sequence[float]) -> str:
    return " ".join(map(str, values))


def close(low: float, high: float) -> object:
    return pytest.approx((low, high), rel=1e-9, abs=1e-12)


def sample(source: random.Random) -> list[float]:
    return [source.randint(-90, 90) / 8 for _ in range(source.randint(3, 30))] + [0.125, 12.0]


def means(source: random.Random, level: float) -> Case:
    values, second = sample(source), sample(source)
    kind = source.randrange(3)
    arguments: dict[str, JsonValue] = {"kind": "mean", "data": written(values)}
    if kind == 0:
        return arguments, stats().ttest_1samp(values, 0).confidence_interval(level)
    arguments |= {"kind": "mean_difference", "data2": written(second), "equal_variances": kind == 1}
    return arguments, stats().ttest_ind(values, second, equal_var=kind == 1).confidence_interval(level)


def proportions(source: random.Random, level: float) -> Case:
    trials = source.randint(1, 300)
    successes = source.choice((0, trials, source.randint(0, trials)))
    method = source.choice(("wilson", "wilson", "wilson", "clopper_pearson"))
    name = "exact" if method == "clopper_pearson" else method
    expected = stats().binomtest(successes, trials).proportion_ci(level, name)
    return {"kind": "proportion", "successes": successes, "trials": trials, "method": method}, expected


def rough_proportions(source: random.Random, level: float) -> Case:
    """Wald and Agresti-Coull, by their definitions; not so near to 0 and 1 that a bound is cut off."""
    trials, z = source.randint(120, 400), float(stats().norm.ppf((1 + level) / 2))
    successes = source.randint(trials // 3, trials // 2)
    method = source.choice(("wald", "agresti_coull"))
    size, hits = (trials, float(successes)) if method == "wald" else (trials + z * z, successes + z * z / 2)
    share = hits / size
    error = z * (share * (1 - share) / size) ** 0.5
    arguments: dict[str, JsonValue] = {"kind": "proportion", "successes": successes, "trials": trials, "method": method}
    return arguments, (share - error, share + error)


def differences(source: random.Random, level: float) -> Case:
    """Newcombe's hybrid score interval (method 10 of 1998) from scipy's Wilson intervals."""
    (a, n), (b, m) = ((source.randint(1, size - 1), size) for size in (source.randint(5, 90), source.randint(5, 90)))
    one, two = (stats().binomtest(hits, size).proportion_ci(level, "wilson") for hits, size in ((a, n), (b, m)))
    p, q = a / n, b / m
    low = p - q - ((p - one.low) ** 2 + (two.high - q) ** 2) ** 0.5
    high = p - q + ((one.high - p) ** 2 + (q - two.low) ** 2) ** 0.5
    arguments: dict[str, JsonValue] = {"kind": "proportion_difference", "successes": a, "trials": n}
    return arguments | {"successes2": b, "trials2": m}, (low, high)


def variances(source: random.Random, level: float) -> Case:
    values, kind = sample(source), source.choice(("variance", "standard_deviation"))
    df, power = len(values) - 1, 1 if kind == "variance" else 0.5
    squares = df * float(stats().tvar(values))
    low, high = (squares / float(stats().chi2.ppf(part, df)) for part in ((1 + level) / 2, (1 - level) / 2))
    return {"kind": kind, "data": written(values)}, (low**power, high**power)


def correlations(source: random.Random, level: float) -> Case:
    x = [source.randint(0, 50) for _ in range(source.randint(8, 30))]
    y = [value + source.randint(-40, 40) for value in x]
    arguments: dict[str, JsonValue] = {"kind": "correlation", "data": written(x), "data2": written(y)}
    return arguments, stats().pearsonr(x, y).confidence_interval(level)


KINDS = (means, proportions, proportions, rough_proportions, differences, differences, variances, correlations)


def test_intervals_of_every_kind_agree_with_scipy(exact: Exactness) -> None:
    source = random.Random(31)
    for _ in exact.cases("confidence_interval", 2_000):
        confidence = source.choice(("0.8", "0.95", "0.999", "90"))
        level = float(confidence) / (100 if confidence == "90" else 1)
        arguments, expected = source.choice(KINDS)(source, level)
        low, high = expected
        assert bounds(**arguments, confidence=confidence) == close(float(low), float(high)), arguments


def test_a_summary_gives_the_same_interval_as_the_numbers() -> None:
    given = interval(kind="mean", mean="2", standard_deviation="1", n=3)
    assert given.model_dump() == interval(kind="mean", data="1 2 3").model_dump()


def test_a_known_deviation_uses_the_normal_distribution() -> None:
    result = interval(kind="mean", data="4 5 6", population_sd="3", confidence=95)
    margin = float(stats().norm.ppf(0.975)) * 3 / 3**0.5
    assert (float(result.lower.rounded), float(result.upper.rounded)) == close(5 - margin, 5 + margin)
    assert result.degrees_of_freedom is None


def test_newcombe_gives_the_published_interval() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, contrast 56/70 - 48/80, method 10."""
    low, high = bounds(kind="proportion_difference", successes=56, trials=70, successes2=48, trials2=80)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_newcombe_reaches_its_borders_exactly() -> None:
    assert interval(kind="proportion_difference", successes=0, trials=9, successes2=9, trials2=9).lower.exact == "-1"


def test_a_correlation_that_is_nearly_one_keeps_its_digits() -> None:
    near = interval(kind="correlation", correlation="0.999999999999999999999", n=10)
    assert float(near.upper.rounded) == 1
    nearer = interval(kind="correlation", data="0; 0; 4; 0; 1e150", data2="0; 1e-150; 0; 0; 2")
    assert float(nearer.lower.rounded) == float(nearer.upper.rounded) == 1
    assert not nearer.lower.is_exact


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"kind": "mean"}, "invalid_argument"),
        ({"kind": "mean", "data": "1"}, "invalid_argument"),
        ({"kind": "mean", "data": "1 2", "n": 2}, "ambiguous"),
        ({"kind": "mean", "data": "1 2", "confidence": "0"}, "domain_error"),
        ({"kind": "mean", "data": "1 2", "confidence": "100"}, "domain_error"),
        ({"kind": "proportion", "successes": 1}, "invalid_argument"),
        ({"kind": "proportion_difference", "successes": 1, "trials": 2, "successes2": 1, "trials2": 2,
          "method": "agresti_coull"}, "invalid_argument"),
        ({"kind": "correlation", "correlation": "1", "n": 9}, "domain_error"),
        ({"kind": "variance", "data": "2 2"}, "division_by_zero"),
        ({"kind": "mean_difference", "data": "2 2", "data2": "1 1"}, "division_by_zero"),
    ],
    ids=str,
)  # fmt: skip
def test_what_has_no_interval_is_refused(arguments: dict[str, JsonValue], code: str) -> None:
    with pytest.raises(ToolError) as caught:
        interval(**arguments)
    assert caught.value.code == code


def test_a_confidence_that_is_no_number_is_named() -> None:
    with pytest.raises(ToolError, match=r"^confidence: "):
        interval(kind="mean", data="1 2", confidence="high")
