"""Intervals for a variance, a standard deviation and a correlation."""

from decimal import Decimal
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import as_decimal, decided, figure, real_figure, root_figure
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.distributions import SignedRoot, chi_squared, normal
from services.mcp.tools.pure.statistics.hypothesis.outcome import signed_root_figure
from services.mcp.tools.pure.statistics.interval.bounds import Interval, Level, first_summary, required
from services.mcp.tools.pure.statistics.interval.models import IntervalArguments
from services.mcp.tools.pure.statistics.moments import products, squares
from services.mcp.tools.pure.statistics.samples import read_sample, same_length

_NORMAL = "independent observations from a normal distribution"


def variance_interval(arguments: IntervalArguments, level: Level) -> Interval:
    """(n - 1) s^2 / chi2; for the standard deviation the roots of both bounds."""
    variance, freedom = _spread(arguments)
    chi2 = chi_squared(freedom)
    rooted = arguments.kind == "standard_deviation"

    def bound(below: Fraction) -> Decimal:
        square = as_decimal(freedom * variance) / chi2.point(below)
        return square.sqrt() if rooted else square

    return Interval(
        estimate=root_figure(variance) if rooted else figure(variance),
        lower=real_figure(decided(lambda: bound(level.below))),
        upper=real_figure(decided(lambda: bound(1 - level.below))),
        method="chi-squared distribution, equal tails",
        assumption=_NORMAL,
        freedom=freedom,
    )


def correlation_interval(arguments: IntervalArguments, level: Level) -> Interval:
    """tanh(artanh(r) ± z / sqrt(n - 3)), Fisher's transformation."""
    coefficient, size = _coefficient(arguments)
    if size < 4 or coefficient.square >= 1:
        raise ToolError("domain_error", "correlation: at least 4 pairs that do not lie on one line are needed")

    def bound(sign: int) -> Decimal:
        size_of_r = as_decimal(coefficient.square).sqrt()
        spread = as_decimal(1 - coefficient.square)  # artanh r by 1 - r², which is exact, and not by 1 - r
        center = coefficient.sign * ((1 + size_of_r) ** 2 / spread).ln() / 2
        raised = (2 * (center + sign * normal().point(level.below) / Decimal(size - 3).sqrt())).exp()
        return (raised - 1) / (raised + 1)

    return Interval(
        estimate=signed_root_figure(coefficient),
        lower=real_figure(decided(lambda: bound(-1))),
        upper=real_figure(decided(lambda: bound(1))),
        method="Fisher's z transformation, normal approximation",
        assumption="independent pairs from a bivariate normal distribution",
        critical=real_figure(normal().quantile(level.below)),
    )


def _spread(arguments: IntervalArguments) -> tuple[Fraction, Fraction]:
    if arguments.data is None and arguments.mean is None:  # a summary of the spread needs no mean
        arguments = arguments.model_copy(update={"mean": "0"})
    summary = first_summary(arguments)
    if summary.variance == 0:
        raise ToolError("division_by_zero", "the numbers do not vary")
    return summary.variance, Fraction(summary.size - 1)


def _coefficient(arguments: IntervalArguments) -> tuple[SignedRoot, int]:
    if arguments.correlation is not None:
        r = read_number(arguments.correlation, "correlation")
        return SignedRoot((r > 0) - (r < 0), r**2), required(arguments.n, "n", arguments)
    first = read_sample(required(arguments.data, "data", arguments), "data", 2).values
    second = read_sample(required(arguments.data2, "data2", arguments), "data2", 2).values
    same_length(first, second, "data, data2")
    spread = squares(first) * squares(second)
    if spread == 0:
        raise ToolError("division_by_zero", "the numbers do not vary")
    return SignedRoot.ratio(products(first, second), spread), len(first)
