"""Tests of means: z, and Student's t for one sample, two samples, Welch's and pairs."""

from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.distributions import SignedRoot, normal, student_t, tail_of_root
from services.mcp.tools.pure.statistics.hypothesis.models import NamedFigure, TestArguments
from services.mcp.tools.pure.statistics.hypothesis.outcome import (
    NORMAL_DATA,
    Outcome,
    named,
    named_root,
    needed,
    sample_of,
    spread,
)
from services.mcp.tools.pure.statistics.moments import Values, mean, squares, variance
from services.mcp.tools.pure.statistics.samples import same_length


def z_test(arguments: TestArguments) -> Outcome:
    """Known standard deviations: z = (mean - mu0) / sqrt(sigma^2/n), or the same for a difference of means."""
    values = sample_of(arguments.data, "data", arguments, 1).values
    error = _known_variance(arguments.population_sd, "population_sd", arguments) / len(values)
    estimates, difference, null = _against_hypothesis(values, arguments)
    if arguments.data2 is not None:
        second = sample_of(arguments.data2, "data2", arguments, 1).values
        error += _known_variance(arguments.population_sd2, "population_sd2", arguments) / len(second)
        estimates, difference, null = _difference(values, second, arguments)
    statistic = SignedRoot.ratio(difference, error)
    return Outcome(
        null_hypothesis=null,
        statistic=named_root("z", statistic),
        p_value=tail_of_root(normal(), statistic, arguments.alternative),
        method="standard normal distribution",
        assumption="normal means with known standard deviations",
        estimates=estimates,
    )


def t_one_sample(arguments: TestArguments) -> Outcome:
    """t = (mean - mu0) / (s / sqrt(n)), n - 1 degrees of freedom."""
    return _one_sample(sample_of(arguments.data, "data", arguments, 2).values, arguments, NORMAL_DATA)


def t_paired(arguments: TestArguments) -> Outcome:
    """The one-sample test of the differences data - data2."""
    first = sample_of(arguments.data, "data", arguments, 2).values
    second = sample_of(arguments.data2, "data2", arguments, 2).values
    same_length(first, second, "data, data2")
    differences = [a - b for a, b in zip(first, second, strict=True)]
    return _one_sample(differences, arguments, "independent pairs whose differences are normal")


def t_two_sample(arguments: TestArguments) -> Outcome:
    """The pooled test: n1 + n2 - 2 degrees of freedom."""
    first, second = _two_samples(arguments)
    freedom = Fraction(len(first) + len(second) - 2)
    pooled = (squares(first) + squares(second)) / freedom
    error = pooled * (Fraction(1, len(first)) + Fraction(1, len(second)))
    assumption = "two independent samples from normal distributions with equal variances"
    return _two_means(arguments, error, freedom, assumption)


def t_welch(arguments: TestArguments) -> Outcome:
    """Unequal variances; degrees of freedom by Welch and Satterthwaite, as an exact fraction."""
    first, second = _two_samples(arguments)
    parts = (variance(first) / len(first), variance(second) / len(second))
    error = spread(sum(parts, Fraction(0)))
    freedom = welch_freedom(parts, (len(first), len(second)))
    return _two_means(arguments, error, freedom, "two independent samples from normal distributions")


def welch_freedom(parts: tuple[Fraction, Fraction], sizes: tuple[int, int]) -> Fraction:
    """(a + b)^2 / (a^2/(n1 - 1) + b^2/(n2 - 1)) for a = s1^2/n1 and b = s2^2/n2."""
    divisor = sum((part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True)), Fraction(0))
    return sum(parts, Fraction(0)) ** 2 / divisor


def _one_sample(values: Values, arguments: TestArguments, assumption: str) -> Outcome:
    estimates, difference, null = _against_hypothesis(values, arguments)
    freedom = Fraction(len(values) - 1)
    statistic = SignedRoot.ratio(difference, spread(variance(values)) / len(values))
    return Outcome(
        null_hypothesis=null,
        statistic=named_root("t", statistic),
        p_value=tail_of_root(student_t(freedom), statistic, arguments.alternative),
        method="Student's t distribution",
        assumption=assumption,
        degrees_of_freedom=(freedom,),
        estimates=estimates,
    )


def _two_means(arguments: TestArguments, error: Fraction, freedom: Fraction, assumption: str) -> Outcome:
    estimates, difference, null = _difference(*_two_samples(arguments), arguments)
    statistic = SignedRoot.ratio(difference, spread(error))
    return Outcome(
        null_hypothesis=null,
        statistic=named_root("t", statistic),
        p_value=tail_of_root(student_t(freedom), statistic, arguments.alternative),
        method="Student's t distribution",
        assumption=assumption,
        degrees_of_freedom=(freedom,),
        estimates=estimates,
    )


def _two_samples(arguments: TestArguments) -> tuple[Values, Values]:
    first = sample_of(arguments.data, "data", arguments, 2).values
    return first, sample_of(arguments.data2, "data2", arguments, 2).values


def _against_hypothesis(values: Values, arguments: TestArguments) -> tuple[tuple[NamedFigure, ...], Fraction, str]:
    expected = read_number(arguments.hypothesized, "hypothesized")
    center = mean(values)
    return (named("mean", center),), center - expected, f"the mean is {arguments.hypothesized.strip()}"


def _difference(
    first: Values, second: Values, arguments: TestArguments
) -> tuple[tuple[NamedFigure, ...], Fraction, str]:
    expected = read_number(arguments.hypothesized, "hypothesized")
    one, two = mean(first), mean(second)
    estimates = (named("mean", one), named("mean2", two), named("difference", one - two))
    return estimates, one - two - expected, f"the difference of the means is {arguments.hypothesized.strip()}"


def _known_variance(text: str | None, argument: str, arguments: TestArguments) -> Fraction:
    deviation = read_number(needed(text, argument, arguments), argument)
    if deviation <= 0:
        raise ToolError("domain_error", f"{argument}: a standard deviation is above zero")
    return deviation**2
