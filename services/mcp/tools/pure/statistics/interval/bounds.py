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
    summary = _Sample(arguments.data, arguments.mean, arguments.standard_deviation, arguments.n)
    return _summary(summary, at_least)


def second_summary(arguments: IntervalArguments) -> Summary:
    summary = _Sample(arguments.data2, arguments.mean2, arguments.standard_deviation2, arguments.n2, suffix="2")
    return _summary(summary, 2)


@dataclass(frozen=True, slots=True)
class _Sample:
    """The arguments of one sample. Their names end with `suffix`."""

    data: str | None
    mean: str | None
    deviation: str | None
    size: int | None
    suffix: str = ""

    def name(self, argument: str) -> str:
        return f"{argument}{self.suffix}"


def _summary(summary: _Sample, at_least: int) -> Summary:
    name = summary.name
    if summary.data is not None:
        if any(value is not None for value in (summary.mean, summary.deviation, summary.size)):
            raise ToolError("ambiguous", f"{name('data')}: give the numbers or their summary, not both")
        values = read_sample(summary.data, name("data"), at_least).values
        return Summary(mean(values), variance(values) if len(values) > 1 else Fraction(0), len(values))
    if summary.mean is None or summary.size is None or (summary.deviation is None and at_least > 1):
        needed = ", ".join(map(name, ("mean", "standard_deviation", "n")))
        raise ToolError("invalid_argument", f"{name('data')}: give the numbers, or {needed}")
    spread = Fraction(0) if summary.deviation is None else read_number(summary.deviation, name("standard_deviation"))
    if spread < 0 or summary.size < at_least:
        limits = f"{name('standard_deviation')}: not negative; {name('n')}: at least {at_least}"
        raise ToolError("domain_error", limits)
    return Summary(read_number(summary.mean, name("mean")), spread**2, summary.size)


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
