"""`hypothesis_test`: thirteen tests by name."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from services.mcp.contract import Bilingual, ErrorExample, Example, Limit, Tool, ToolError
from services.mcp.tools.pure.figures import figure, probability_figure
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.hypothesis import counts, means, ranks, spreads
from services.mcp.tools.pure.statistics.hypothesis.answer import FOCUSES, phrase
from services.mcp.tools.pure.statistics.hypothesis.models import (
    MAX_GROUPS,
    MAX_ROWS,
    TestArguments,
    TestName,
    TestResult,
)
from services.mcp.tools.pure.statistics.hypothesis.outcome import Outcome
from services.mcp.tools.pure.statistics.samples import DATA_LIMITS

_TESTS: Mapping[TestName, Callable[[TestArguments], Outcome]] = {
    "z": means.z_test,
    "t_one_sample": means.t_one_sample,
    "t_two_sample": means.t_two_sample,
    "t_welch": means.t_welch,
    "t_paired": means.t_paired,
    "f_variance": spreads.f_variance,
    "anova": spreads.anova,
    "chi2_goodness": counts.chi2_goodness,
    "chi2_independence": counts.chi2_independence,
    "fisher_exact": counts.fisher_exact,
    "binomial": counts.binomial,
    "mann_whitney": ranks.mann_whitney,
    "wilcoxon": ranks.wilcoxon,
}


def hypothesis_test(arguments: TestArguments) -> TestResult:
    """Raises ToolError."""
    alpha = read_number(arguments.alpha, "alpha")
    if not 0 < alpha < 1:
        raise ToolError("domain_error", "alpha: a number between 0 and 1 is needed")
    outcome = _TESTS[arguments.test](arguments)
    p_value = outcome.p_value
    return TestResult(
        test=arguments.test,
        null_hypothesis=outcome.null_hypothesis,
        alternative=arguments.alternative,
        statistic=outcome.statistic,
        degrees_of_freedom=tuple([figure(value) for value in outcome.degrees_of_freedom]),
        p_value=probability_figure(p_value),
        alpha=arguments.alpha.strip(),
        significant=Fraction(p_value) < alpha,
        method=outcome.method,
        assumption=outcome.assumption,
        estimates=outcome.estimates,
        notes=outcome.notes,
    )


HYPOTHESIS_TEST = Tool(
    name="hypothesis_test",
    group="core",
    description=Bilingual(
        en="Statistical tests by name: z, t, F, ANOVA, chi-squared, Fisher, binomial, Mann-Whitney, Wilcoxon",
        de="Statistische Tests nach Namen: z, t, F, ANOVA, Chi-Quadrat, Fisher, Binomial, Mann-Whitney, Wilcoxon",
    ),
    keywords=Bilingual(
        en="hypothesis test t-test p value significant significance anova chi squared fisher wilcoxon mann whitney",
        de="hypothesentest t-test p-wert signifikant signifikanz varianzanalyse anova chi quadrat fisher wilcoxon",
    ),
    arguments=TestArguments,
    result=TestResult,
    run=hypothesis_test,
    answer=phrase,
    limits=(
        *DATA_LIMITS,
        Limit(name="groups", value=MAX_GROUPS, unit="groups"),
        Limit(name="rows_and_columns", value=MAX_ROWS, unit="rows or columns of a table"),
        Limit(name="exact_counts", value=counts.MAX_EXACT_TOTAL, unit="observations or trials"),
        Limit(name="exact_probability_bits", value=counts.MAX_EXACT_BITS, unit="bits"),
        Limit(name="exact_ranks", value=ranks.MAX_EXACT_RANKS, unit="ranks; a normal approximation beyond"),
    ),
    example=Example(
        args={"test": "fisher_exact", "table": [[3, 1], [1, 3]]},
        result={
            "test": "fisher_exact",
            "null_hypothesis": "the odds ratio is 1",
            "alternative": "two-sided",
            "statistic": None,
            "degrees_of_freedom": [],
            "p_value": {"exact": "17/35", "rounded": "0.485714285714286", "is_exact": False},
            "alpha": "0.05",
            "significant": False,
            "method": (
                "exact: hypergeometric distribution; "
                "two-sided: all outcomes that are no more likely than the observed one"
            ),
            "assumption": "independent observations; margins taken as fixed",
            "estimates": [{"name": "sample_odds_ratio", "value": {"exact": "9", "rounded": "9", "is_exact": True}}],
            "notes": [],
            "rounding": "half_even_15_significant_digits",
        },
        answer="Fisher's exact test: p ≈ 0.485714285714286; not significant at the level 0.05.",
    ),
    error_example=ErrorExample(args={"test": "t_one_sample", "data": "3, 3, 3"}, code="division_by_zero"),
    focuses=FOCUSES,
)
