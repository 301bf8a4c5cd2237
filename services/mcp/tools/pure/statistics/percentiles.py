"""`percentile_calc`: a percentile by a named method.

R. J. Hyndman, Y. Fan: Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), 361-365. The names
are NumPy's, next to R's `type` numbers. All arithmetic is exact, so no method jumps by a rounding error.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Tool, ToolError, ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule, figure
from services.mcp.tools.pure.number_argument import NumberText, read_number
from services.mcp.tools.pure.statistics.samples import DATA_LIMITS, DataText, Reading, read_sample

Method = Literal[
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "nearest_rank",
]
_R_TYPES: Mapping[Method, int] = {
    "inverted_cdf": 1,
    "averaged_inverted_cdf": 2,
    "closest_observation": 3,
    "interpolated_inverted_cdf": 4,
    "hazen": 5,
    "weibull": 6,
    "linear": 7,
    "median_unbiased": 8,
    "normal_unbiased": 9,
}
_PLOTTING: Mapping[Method, tuple[Fraction, Fraction]] = {
    "interpolated_inverted_cdf": (Fraction(0), Fraction(1)),
    "hazen": (Fraction(1, 2), Fraction(1, 2)),
    "weibull": (Fraction(0), Fraction(0)),
    "linear": (Fraction(1), Fraction(1)),
    "median_unbiased": (Fraction(1, 3), Fraction(1, 3)),
    "normal_unbiased": (Fraction(3, 8), Fraction(3, 8)),
}
_CLAMPED = "a position before the first or after the last value is moved to it"


class PercentileArguments(ToolModel):
    """A list of numbers, a percent from 0 to 100, and the method."""

    data: DataText
    percent: NumberText = Field(description="From 0 to 100: 50 is the median")
    method: Method = Field(
        default="linear",
        description="The nine methods of Hyndman and Fan by NumPy's names (R types 1 to 9), or nearest_rank",
    )


class PercentileResult(ToolModel):
    """The percentile and where in the sorted list it lies."""

    percentile: Figure
    percent: str
    method: Method
    r_type: int | None = Field(description="The same method's `type` in R; null for nearest_rank")
    position: Figure = Field(description="Place in the sorted list, from 1; between two places it is interpolated")
    count: int
    reading: Reading
    decimal_comma: bool
    rule: str = _CLAMPED
    rounding: RoundingRule = ROUNDING


def percentile_calc(arguments: PercentileArguments) -> PercentileResult:
    """Raises ToolError."""
    percent = read_number(arguments.percent, "percent")
    if not 0 <= percent <= 100:
        raise ToolError("domain_error", "percent: a number from 0 to 100 is needed")
    sample = read_sample(arguments.data, "data")
    position = min(max(position_of(percent / 100, sample.size, arguments.method), Fraction(1)), Fraction(sample.size))
    return PercentileResult(
        percentile=figure(_at(sorted(sample.values), position)),
        percent=arguments.percent.strip(),
        method=arguments.method,
        r_type=_R_TYPES.get(arguments.method),
        position=figure(position),
        count=sample.size,
        reading=sample.reading,
        decimal_comma=sample.decimal_comma,
    )


def position_of(share: Fraction, size: int, method: Method) -> Fraction:
    """Position in the sorted list, from 1; it may lie outside."""
    plotting = _PLOTTING.get(method)
    if plotting is not None:
        a, b = plotting
        return a + share * (size + 1 - a - b)
    exact = size * share
    if method == "averaged_inverted_cdf":
        return exact + Fraction(1, 2) if exact.denominator == 1 else Fraction(ceil(exact))
    if method == "closest_observation":
        return Fraction(_nearest_even(exact))
    return Fraction(ceil(exact))


def _nearest_even(exact: Fraction) -> int:
    """Nearest whole number, the even one if both are as near."""
    below = floor(exact)
    distance = exact - below
    if distance == Fraction(1, 2):
        return below + below % 2
    return below + (distance > Fraction(1, 2))


def _at(ordered: list[Fraction], position: Fraction) -> Fraction:
    below = floor(position)
    share = position - below
    if share == 0:
        return ordered[below - 1]
    return ordered[below - 1] + share * (ordered[below] - ordered[below - 1])


def phrase(result: PercentileResult, style: AnswerStyle) -> str:
    """Percentile, the number of values and the method."""
    number = result.percentile.text(style.language)
    known_as = result.method if result.r_type is None else f"{result.method}, R type {result.r_type}"
    if style.language == "de":
        percent = result.percent.replace(".", ",")
        return f"Das {percent}-%-Perzentil von {result.count} Werten ist {number} (Methode {known_as})."
    noun = "value" if result.count == 1 else "values"
    return f"The {result.percent} % percentile of {result.count} {noun} is {number} (method {known_as})."


PERCENTILE_CALC = Tool(
    name="percentile_calc",
    group="core",
    description=Bilingual(
        en="A percentile, quartile or quantile of a list of numbers by one of ten named methods",
        de="Ein Perzentil, Quartil oder Quantil einer Zahlenliste nach einer von zehn benannten Methoden",
    ),
    keywords=Bilingual(
        en="percentile quantile quartile decile rank p90 p95 p99",
        de="perzentil quantil quartil dezil rang p90 p95 p99",
    ),
    arguments=PercentileArguments,
    result=PercentileResult,
    run=percentile_calc,
    answer=phrase,
    limits=DATA_LIMITS,
    example=Example(
        args={"data": "15; 20; 35; 40; 50", "percent": 40, "method": "linear"},
        result={
            "percentile": {"exact": "29", "rounded": "29", "is_exact": True},
            "percent": "40",
            "method": "linear",
            "r_type": 7,
            "position": {"exact": "2.6", "rounded": "2.6", "is_exact": True},
            "count": 5,
            "reading": "semicolon_separated",
            "decimal_comma": False,
            "rule": _CLAMPED,
            "rounding": "half_even_15_significant_digits",
        },
        answer="The 40 % percentile of 5 values is 29 (method linear, R type 7).",
    ),
    error_example=ErrorExample(args={"data": "1, 2, 3", "percent": 101}, code="domain_error"),
)
