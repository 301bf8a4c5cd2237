"""`hypothesis_test` against scipy, and rank tests against the enumeration of all arrangements."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

import pytest
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.hypothesis.models import TestArguments, TestResult
from services.mcp.tools.pure.statistics.hypothesis.tool import hypothesis_test
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats

ALTERNATIVES = ("two-sided", "greater", "less")


def judged(**arguments: JsonValue) -> TestResult:
    return hypothesis_test(TestArguments.model_validate(arguments))


def written(values: Sequence[float]) -> str:
    return " ".join(map(str, values))


def p_value(result: TestResult) -> float:
    return float(result.p_value.rounded)


def sample(source: random.Random, low: int = 3, high: int = 12) -> list[float]:
    return [source.randint(-40, 40) / 4 for _ in range(source.randint(low, high))] + [0.25, 11.5]


def agrees(result: TestResult, expected: object) -> None:
    assert result.statistic is not None
    statistic, p = float(expected.statistic), float(expected.pvalue)  # type: ignore[attr-defined]
    assert float(result.statistic.value.rounded) == pytest.approx(statistic, rel=1e-9, abs=1e-12)
    assert p_value(result) == pytest.approx(p, rel=1e-8, abs=1e-300)


def test_t_tests_agree_with_scipy(exact: Exactness) -> None:
    source = random.Random(21)
    for turn in exact.cases("hypothesis_test", 300):
        alternative = ALTERNATIVES[turn % 3]
        exact.table("hypothesis_test", 3)  # four calls per case
        first, second = sample(source), sample(source)
        data = {"data": written(first), "data2": written(second), "alternative": alternative}
        one = judged(test="t_one_sample", data=written(first), hypothesized="1.5", alternative=alternative)
        agrees(one, stats().ttest_1samp(first, 1.5, alternative=alternative))
        agrees(judged(test="t_two_sample", **data), stats().ttest_ind(first, second, alternative=alternative))
        welch = stats().ttest_ind(first, second, equal_var=False, alternative=alternative)
        result = judged(test="t_welch", **data)
        agrees(result, welch)
        assert float(result.degrees_of_freedom[0].rounded) == pytest.approx(float(welch.df), rel=1e-12)
        pairs = [value + source.randint(-9, 9) / 8 for value in first]
        paired = judged(test="t_paired", data=written(first), data2=written(pairs), alternative=alternative)
        agrees(paired, stats().ttest_rel(first, pairs, alternative=alternative))


def test_z_and_f_tests_follow_their_definitions(exact: Exactness) -> None:
    source = random.Random(22)
    for turn in exact.cases("hypothesis_test", 300):
        alternative = ALTERNATIVES[turn % 3]
        exact.table("hypothesis_test", 1)  # two calls per case
        first, second = sample(source), sample(source)
        z = (sum(first) / len(first) - 2) / (3 / len(first) ** 0.5)
        tails = {"two-sided": 2 * stats().norm.sf(abs(z)), "greater": stats().norm.sf(z), "less": stats().norm.cdf(z)}
        result = judged(test="z", data=written(first), hypothesized=2, population_sd=3, alternative=alternative)
        assert p_value(result) == pytest.approx(float(tails[alternative]), rel=1e-9)
        f = stats().tvar(first) / stats().tvar(second)
        distribution = stats().f(len(first) - 1, len(second) - 1)
        high, low = float(distribution.sf(f)), float(distribution.cdf(f))
        expected = {"two-sided": 2 * min(high, low), "greater": high, "less": low}[alternative]
        found = judged(test="f_variance", data=written(first), data2=written(second), alternative=alternative)
        assert p_value(found) == pytest.approx(expected, rel=1e-8)


def test_anova_agrees_with_scipy(exact: Exactness) -> None:
    source = random.Random(23)
    for _ in exact.cases("hypothesis_test", 100):
        groups = [sample(source) for _ in range(source.randint(2, 5))]
        agrees(judged(test="anova", groups=[written(group) for group in groups]), stats().f_oneway(*groups))


def test_chi_squared_tests_agree_with_scipy(exact: Exactness) -> None:
    source = random.Random(24)
    for _ in exact.cases("hypothesis_test", 100):
        exact.table("hypothesis_test", 2)  # three calls per case
        counts = [source.randint(1, 60) for _ in range(source.randint(2, 7))]
        agrees(judged(test="chi2_goodness", data=written(counts)), stats().chisquare(counts))
        columns = source.randint(2, 4)
        table: JsonValue = [[source.randint(1, 40) for _ in range(columns)] for _ in range(source.randint(2, 4))]
        for correction in (True, False):
            result = judged(test="chi2_independence", table=table, continuity_correction=correction)
            agrees(result, stats().chi2_contingency(table, correction=correction))


def test_expected_counts_may_be_given(exact: Exactness) -> None:
    source = random.Random(29)
    for _ in exact.cases("hypothesis_test", 200):
        shares = [source.randint(1, 9) for _ in range(source.randint(2, 6))]
        counts = [source.randint(1, 40) for _ in shares[1:]]
        counts.append(-sum(counts) % sum(shares) or sum(shares))
        wanted = [share * sum(counts) // sum(shares) for share in shares]
        found = judged(test="chi2_goodness", data=written(counts), expected=written(wanted))
        agrees(found, stats().chisquare(counts, wanted))


def test_two_samples_with_known_deviations_and_a_difference_follow_the_definition(exact: Exactness) -> None:
    source = random.Random(30)
    for turn in exact.cases("hypothesis_test", 300):
        alternative = ALTERNATIVES[turn % 3]
        first, second = sample(source), sample(source)
        error = (4 / len(first) + 9 / len(second)) ** 0.5
        z = (sum(first) / len(first) - sum(second) / len(second) - 0.5) / error
        tails = {"two-sided": 2 * stats().norm.sf(abs(z)), "greater": stats().norm.sf(z), "less": stats().norm.cdf(z)}
        result = judged(
            test="z", data=written(first), data2=written(second), population_sd=2, population_sd2=3,
            hypothesized="0.5", alternative=alternative,
        )  # fmt: skip
        assert p_value(result) == pytest.approx(float(tails[alternative]), rel=1e-9)


def test_fisher_and_binomial_tests_agree_with_scipy(exact: Exactness) -> None:
    source = random.Random(25)
    for turn in exact.cases("hypothesis_test", 450):
        alternative = ALTERNATIVES[turn % 3]
        exact.table("hypothesis_test", 1)  # two calls per case
        table: JsonValue = [
            [source.randint(0, 15), source.randint(1, 15)],
            [source.randint(1, 15), source.randint(0, 15)],
        ]
        expected = float(stats().fisher_exact(table, alternative=alternative).pvalue)
        assert p_value(judged(test="fisher_exact", table=table, alternative=alternative)) == pytest.approx(
            expected, rel=1e-9
        )
        trials, percent = source.randint(1, 60), source.randint(1, 99)
        successes = source.randint(0, trials)
        result = judged(
            test="binomial", successes=successes, trials=trials, probability=f"0.{percent:02}", alternative=alternative
        )
        chance = float(stats().binomtest(successes, trials, percent / 100, alternative).pvalue)
        assert p_value(result) == pytest.approx(chance, rel=1e-9)


def doubled_ranks(values: Sequence[int]) -> list[int]:
    """Twice the ranks, so that those of ties are whole."""
    return [int(2 * rank) for rank in stats().rankdata(values)]


def chosen(sums: Sequence[int], observed: int, alternative: str) -> Fraction:
    high = Fraction(sum(value >= observed for value in sums), len(sums))
    low = Fraction(sum(value <= observed for value in sums), len(sums))
    return {"greater": high, "less": low, "two-sided": min(2 * min(high, low), Fraction(1))}[alternative]


def test_mann_whitney_is_the_share_of_all_arrangements_with_ties_or_without(exact: Exactness) -> None:
    source = random.Random(26)
    for turn in exact.cases("hypothesis_test", 240):
        alternative = ALTERNATIVES[turn % 3]
        first = [source.randint(0, 9) for _ in range(source.randint(1, 6))]
        second = [source.randint(0, 9) for _ in range(source.randint(1, 6))]
        ranks = doubled_ranks([*first, *second])
        sums = [sum(choice) for choice in combinations(ranks, len(first))]
        expected = chosen(sums, sum(ranks[: len(first)]), alternative)
        result = judged(test="mann_whitney", data=written(first), data2=written(second), alternative=alternative)
        assert Fraction(result.p_value.exact or 0) == expected


def test_wilcoxon_is_the_share_of_all_signs_with_ties_or_without(exact: Exactness) -> None:
    source = random.Random(27)
    for turn in exact.cases("hypothesis_test", 240):
        alternative = ALTERNATIVES[turn % 3]
        differences = [source.choice((-1, 1)) * source.randint(1, 8) for _ in range(source.randint(1, 9))]
        ranks = doubled_ranks([abs(value) for value in differences])
        signs = product((0, 1), repeat=len(ranks))
        sums = [sum(r for r, kept in zip(ranks, choice, strict=True) if kept) for choice in signs]
        observed = sum(r for r, d in zip(ranks, differences, strict=True) if d > 0)
        result = judged(test="wilcoxon", data=written([*differences, 0]), alternative=alternative)
        assert Fraction(result.p_value.exact or 0) == chosen(sums, observed, alternative)
        assert "1 differences of zero are left out" in result.notes


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("correction", [True, False])
def test_large_rank_tests_use_the_named_normal_approximation(alternative: str, correction: bool) -> None:
    source = random.Random(28)
    first = [source.randint(0, 60) for _ in range(70)]
    second = [source.randint(5, 65) for _ in range(60)]
    result = judged(
        test="mann_whitney", data=written(first), data2=written(second), alternative=alternative,
        continuity_correction=correction,
    )  # fmt: skip
    agrees(
        result,
        stats().mannwhitneyu(first, second, use_continuity=correction, alternative=alternative, method="asymptotic"),
    )
    assert ("with continuity" in result.method) is correction
    differences = [source.choice((-1, 1, 1)) * source.randint(1, 50) for _ in range(120)]
    signed = judged(
        test="wilcoxon", data=written(differences), alternative=alternative, continuity_correction=correction
    )
    expected = stats().wilcoxon(differences, alternative=alternative, correction=correction, method="asymptotic")
    assert p_value(signed) == pytest.approx(float(expected.pvalue), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"test": "t_two_sample", "data": "1 2"}, "invalid_argument"),
        ({"test": "t_paired", "data": "1 2", "data2": "1 2 3"}, "invalid_argument"),
        ({"test": "t_welch", "data": "1 1", "data2": "2 2"}, "division_by_zero"),
        ({"test": "anova", "groups": ["1 2", "3"], "alternative": "less"}, "invalid_argument"),
        ({"test": "chi2_goodness", "data": "1.5 2"}, "domain_error"),
        ({"test": "chi2_goodness", "data": "5 5", "expected": "4 5"}, "domain_error"),
        ({"test": "chi2_independence", "table": [[0, 0], [1, 2]]}, "division_by_zero"),
        ({"test": "chi2_independence", "table": [[1, 2], [1, 2, 3]]}, "invalid_argument"),
        ({"test": "fisher_exact", "table": [[1, 2], [10**9, 3]]}, "limit_exceeded"),
        ({"test": "binomial", "successes": 5, "trials": 3}, "domain_error"),
        ({"test": "wilcoxon", "data": "0 0"}, "domain_error"),
        ({"test": "z", "data": "1 2", "population_sd": 0}, "domain_error"),
        ({"test": "z", "data": "1 2", "population_sd": 1, "alpha": 2}, "domain_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value["test"]),
)
def test_what_cannot_be_tested_is_refused(arguments: dict[str, JsonValue], code: str) -> None:
    with pytest.raises(ToolError) as caught:
        judged(**arguments)
    assert caught.value.code == code


def test_few_expected_counts_are_noted() -> None:
    assert judged(test="chi2_independence", table=[[1, 3], [2, 8]]).notes == (
        "an expected count is below 5: the approximation is rough",
    )
