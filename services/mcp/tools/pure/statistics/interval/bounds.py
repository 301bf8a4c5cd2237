"""Summaries of samples, and the interval that lies symmetrically about an estimate."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import Figure, as_decimal, decided, figure, real_figure
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.distributions import Distribution
from services.mcp.tools.pure.statistics.interval.models import IntervalArguments
from services.mcp.tools.pure.statistics.moments import mean, variance
from services.mcp.tools.pure.statistics.samples import read_sample

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean, sample variance and size."""

    mean: Fraction
    variance: Fraction
    size: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A finished interval, before it is written down."""

    estimate: Figure
    lower: Figure
    upper: Figure
    method: str
    assumption: str
    standard_error: Figure | None = None
    freedom: Fraction | None = None
    critical: Figure | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """Two-sided confidence; `below` is the probability under the upper point: 0.975 for 95 %."""

    confidence: Fraction

    @property
    def below(self) -> Fraction:
        return (1 + self.confidence) / 2


def first_summary(arguments: IntervalArguments, at_least: int = 2) -> Summary:
    """The first sample's summary, computed or as passed. Raises ToolError."""
    given = (arguments.mean, arguments.standard_deviation, arguments.n)
    return _summary(arguments.data, given, ("data", "mean", "standard_deviation", "n"), at_least)


def second_summary(arguments: IntervalArguments) -> Summary:
    given = (arguments.mean2, arguments.standard_deviation2, arguments.n2)
    return _summary(arguments.data2, given, ("data2", "mean2", "standard_deviation2", "n2"), 2)


def _summary(
    data: str | None, given: tuple[str | None, str | None, int | None], names: tuple[str, str, str, str], at_least: int
) -> Summary:
    center, deviation, size = given
    if data is not None:
        if any(value is not None for value in given):
            raise ToolError("ambiguous", f"{names[0]}: give the numbers or their summary, not both")
        values = read_sample(data, names[0], at_least).values
        return Summary(mean(values), variance(values) if len(values) > 1 else Fraction(0), len(values))
    if center is None or size is None or (deviation is None and at_least > 1):
        raise ToolError("invalid_argument", f"{names[0]}: give the numbers, or {', '.join(names[1:])}")
    spread = Fraction(0) if deviation is None else read_number(deviation, names[2])
    if spread < 0 or size < at_least:
        raise ToolError("domain_error", f"{names[2]}: not negative; {names[3]}: at least {at_least}")
    return Summary(read_number(center, names[1]), spread**2, size)


def symmetric(estimate: Fraction, square: Fraction, distribution: Distribution, level: Level) -> tuple[Figure, ...]:
    """estimate - c sqrt(square), estimate + c sqrt(square) and c itself."""
    if square == 0:
        critical = real_figure(distribution.quantile(level.below))
        return figure(estimate), figure(estimate), critical

    def margin() -> Decimal:
        return distribution.point(level.below) * as_decimal(square).sqrt()

    return (
        real_figure(decided(lambda: as_decimal(estimate) - margin())),
        real_figure(decided(lambda: as_decimal(estimate) + margin())),
        real_figure(distribution.quantile(level.below)),
    )


def required(value: Given | None, argument: str, arguments: IntervalArguments) -> Given:
    """An argument that this kind requires. Raises ToolError."""
    if value is None:
        raise ToolError("invalid_argument", f"{argument}: an interval for {arguments.kind} needs it")
    return value
