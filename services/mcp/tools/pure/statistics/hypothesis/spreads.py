"""Tests that compare variances: F of two samples, and one-way analysis of variance."""

from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.distributions import fisher_f, tail_of_ratio
from services.mcp.tools.pure.statistics.hypothesis.models import TestArguments
from services.mcp.tools.pure.statistics.hypothesis.outcome import NORMAL_DATA, Outcome, named, needed, sample_of, spread
from services.mcp.tools.pure.statistics.moments import mean, squares, variance
from services.mcp.tools.pure.statistics.samples import MAX_VALUES, read_sample


def f_variance(arguments: TestArguments) -> Outcome:
    """F = s1^2 / s2^2 with n1 - 1 and n2 - 1 degrees of freedom; two-sided doubles the smaller tail."""
    first = sample_of(arguments.data, "data", arguments, 2).values
    second = sample_of(arguments.data2, "data2", arguments, 2).values
    one, two = variance(first), spread(variance(second))
    freedoms = (Fraction(len(first) - 1), Fraction(len(second) - 1))
    return Outcome(
        null_hypothesis="the variances are equal",
        statistic=named("F", one / two),
        p_value=tail_of_ratio(fisher_f(*freedoms), one / two, arguments.alternative),
        method="F distribution",
        assumption=f"two samples of {NORMAL_DATA}",
        degrees_of_freedom=freedoms,
        estimates=(named("variance", one), named("variance2", two)),
    )


def anova(arguments: TestArguments) -> Outcome:
    """F = (between / (k - 1)) / (within / (n - k)); the p value is the upper tail."""
    if arguments.alternative != "two-sided":
        raise ToolError("invalid_argument", "alternative: anova has no one-sided form")
    texts = needed(arguments.groups, "groups", arguments)
    groups = [read_sample(text, f"groups.{place}").values for place, text in enumerate(texts)]
    every = [value for group in groups for value in group]
    if len(every) > MAX_VALUES:
        raise ToolError("limit_exceeded", f"groups: the limit is {MAX_VALUES:,} numbers in all")
    if len(every) == len(groups):
        raise ToolError("domain_error", "groups: one group needs at least 2 numbers")
    within = sum((squares(group) for group in groups), Fraction(0))
    between = squares(every) - within
    freedoms = (Fraction(len(groups) - 1), Fraction(len(every) - len(groups)))
    statistic = (between / freedoms[0]) / spread(within / freedoms[1])
    return Outcome(
        null_hypothesis="all groups have the same mean",
        statistic=named("F", statistic),
        p_value=tail_of_ratio(fisher_f(*freedoms), statistic, "greater"),
        method="F distribution, upper tail",
        assumption=f"{NORMAL_DATA} with the same variance in each group",
        degrees_of_freedom=freedoms,
        estimates=(
            named("sum_of_squares_between", between),
            named("sum_of_squares_within", within),
            named("mean_square_between", between / freedoms[0]),
            named("mean_square_within", within / freedoms[1]),
            *[named(f"mean{place}", mean(group)) for place, group in enumerate(groups, 1)],
        ),
    )
