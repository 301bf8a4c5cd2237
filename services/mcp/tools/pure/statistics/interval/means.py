"""Intervals for a mean and for a difference of means."""

from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import figure, root_figure
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.distributions import Distribution, normal, student_t
from services.mcp.tools.pure.statistics.hypothesis.means import welch_freedom
from services.mcp.tools.pure.statistics.interval.bounds import Interval, Level, first_summary, second_summary, symmetric
from services.mcp.tools.pure.statistics.interval.models import IntervalArguments


@dataclass(frozen=True, slots=True)
class _Model:
    """The distribution of an estimate. `freedom`: its degrees of freedom, None for a normal one."""

    distribution: Distribution
    method: str
    freedom: Fraction | None = None


def mean_interval(arguments: IntervalArguments, level: Level) -> Interval:
    """mean ± t s/sqrt(n); with a known standard deviation mean ± z sigma/sqrt(n)."""
    if arguments.population_sd is None:
        summary = first_summary(arguments)
        freedom = Fraction(summary.size - 1)
        error = summary.variance / summary.size
        return _interval(summary.mean, error, level, _Model(student_t(freedom), "Student's t distribution", freedom))
    summary = first_summary(arguments, at_least=1)
    deviation = read_number(arguments.population_sd, "population_sd")
    if deviation <= 0:
        raise ToolError("domain_error", "population_sd: a standard deviation is above zero")
    error = deviation**2 / summary.size
    return _interval(summary.mean, error, level, _Model(normal(), "normal distribution, known standard deviation"))


def difference_interval(arguments: IntervalArguments, level: Level) -> Interval:
    """mean1 - mean2, by Welch and Satterthwaite or with pooled variances."""
    first, second = first_summary(arguments), second_summary(arguments)
    parts = (first.variance / first.size, second.variance / second.size)
    sizes = (first.size, second.size)
    if arguments.equal_variances:
        freedom = Fraction(sum(sizes) - 2)
        pooled = ((first.size - 1) * first.variance + (second.size - 1) * second.variance) / freedom
        error, method = pooled * (Fraction(1, first.size) + Fraction(1, second.size)), "pooled variances"
    elif sum(parts) == 0:
        raise ToolError("division_by_zero", "the numbers do not vary: Welch's degrees of freedom have no value")
    else:
        freedom, error = welch_freedom(parts, sizes), sum(parts, Fraction(0))
        method = "Welch, degrees of freedom by Satterthwaite"
    model = _Model(student_t(freedom), f"Student's t distribution, {method}", freedom)
    return _interval(first.mean - second.mean, error, level, model)


def _interval(estimate: Fraction, error: Fraction, level: Level, model: _Model) -> Interval:
    lower, upper, critical = symmetric(estimate, error, model.distribution, level)
    return Interval(
        estimate=figure(estimate),
        lower=lower,
        upper=upper,
        method=model.method,
        assumption="independent observations, normal or many",
        standard_error=root_figure(error),
        freedom=model.freedom,
        critical=critical,
    )
