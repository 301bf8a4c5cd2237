"""`correlation` against scipy, and small samples against all permutations."""

import random
from fractions import Fraction
from itertools import permutations

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.correlation import CorrelationArguments, CorrelationResult, correlation
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats

ALTERNATIVES = ("two-sided", "greater", "less")


def correlated(x: list[int], y: list[int], method: str, alternative: str = "two-sided") -> CorrelationResult:
    written = {"x": " ".join(map(str, x)), "y": " ".join(map(str, y))}
    return correlation(CorrelationArguments.model_validate({**written, "method": method, "alternative": alternative}))


def agrees(found: CorrelationResult, statistic: float, p_value: float) -> None:
    assert float(found.coefficient.rounded) == pytest.approx(statistic, rel=1e-11, abs=1e-13)
    assert found.p_value is not None
    assert float(found.p_value.rounded) == pytest.approx(p_value, rel=1e-8)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_pearson_agrees_with_scipy(alternative: str, exact: Exactness) -> None:
    source = random.Random(51)
    for _ in exact.cases("correlation", 300):
        x = [source.randint(-50, 50) for _ in range(source.randint(4, 30))]
        y = [value + source.randint(-60, 60) for value in x]
        expected = stats().pearsonr(x, y, alternative=alternative)
        agrees(correlated(x, y, "pearson", alternative), float(expected.statistic), float(expected.pvalue))


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_spearman_of_larger_samples_agrees_with_scipy(alternative: str, exact: Exactness) -> None:
    source = random.Random(52)
    for _ in exact.cases("correlation", 300):
        x = [source.randint(0, 30) for _ in range(source.randint(11, 40))]
        y = [value + source.randint(-20, 20) for value in x]
        expected = stats().spearmanr(x, y, alternative=alternative)
        agrees(correlated(x, y, "spearman", alternative), float(expected.statistic), float(expected.pvalue))


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_spearman_of_small_samples_is_the_share_of_all_permutations(alternative: str, exact: Exactness) -> None:
    source = random.Random(53)
    for _ in exact.cases("correlation", 60):
        x, y = ([source.randint(0, 6) for _ in range(5)] + [7] for _ in range(2))
        first, second = ([int(2 * rank) for rank in stats().rankdata(values)] for values in (x, y))
        sums = [sum(a * b for a, b in zip(first, order, strict=True)) for order in permutations(second)]
        observed = sum(a * b for a, b in zip(first, second, strict=True))
        high = Fraction(sum(value >= observed for value in sums), len(sums))
        low = Fraction(sum(value <= observed for value in sums), len(sums))
        expected = {"greater": high, "less": low, "two-sided": min(2 * min(low, high), Fraction(1))}[alternative]
        p_value = correlated(x, y, "spearman", alternative).p_value
        assert p_value is not None
        assert Fraction(p_value.exact or 0) == expected


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_kendall_agrees_with_scipy_exactly_without_ties_and_asymptotically_with(
    alternative: str, exact: Exactness
) -> None:
    source = random.Random(54)
    for _ in exact.cases("correlation", 150):
        exact.table("correlation", 1)  # two calls per case
        size = source.randint(3, 25)
        x, y = source.sample(range(100), size), source.sample(range(100), size)
        expected = stats().kendalltau(x, y, method="exact", alternative=alternative)
        agrees(correlated(x, y, "kendall", alternative), float(expected.statistic), float(expected.pvalue))
        tied = [source.randint(0, 5) for _ in range(size)] + [0, 9, 9]
        others = [value + source.randint(0, 4) for value in tied]
        rough = stats().kendalltau(tied, others, method="asymptotic", alternative=alternative)
        agrees(correlated(tied, others, "kendall", alternative), float(rough.statistic), float(rough.pvalue))


def test_a_perfect_line_has_a_p_value_of_zero_and_of_one_on_the_other_side() -> None:
    zero, one = (correlated([1, 2, 3], [2, 4, 6], "pearson", side).p_value for side in ("greater", "less"))
    assert zero is not None
    assert one is not None
    assert (zero.exact, one.exact) == ("0", "1")


def test_two_pairs_leave_nothing_to_test() -> None:
    assert correlated([1, 2], [2, 5], "pearson").p_value is None


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_a_list_that_does_not_vary_is_refused(method: str) -> None:
    with pytest.raises(ToolError) as caught:
        correlated([1, 2, 3], [4, 4, 4], method)
    assert caught.value.code == "division_by_zero"
