"""`correlation`: Pearson's, Spearman's and Kendall's coefficients."""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule, figure, probability_figure
from services.mcp.tools.pure.statistics.association import (
    MAX_EXACT_KENDALL,
    MAX_EXACT_SPEARMAN,
    MAX_KENDALL,
    Association,
    kendall,
    pearson,
    spearman,
)
from services.mcp.tools.pure.statistics.distributions import Alternative
from services.mcp.tools.pure.statistics.hypothesis.outcome import signed_root_figure
from services.mcp.tools.pure.statistics.moments import Values
from services.mcp.tools.pure.statistics.samples import DATA_LIMITS, DataText, read_sample, same_length

Method = Literal["pearson", "spearman", "kendall"]

_METHODS: Mapping[Method, Callable[[Values, Values, Alternative], Association]] = {
    "pearson": pearson,
    "spearman": spearman,
    "kendall": kendall,
}
_LABELS: Mapping[Method, str] = {"pearson": "Pearson r", "spearman": "Spearman rho", "kendall": "Kendall tau-b"}


class CorrelationArguments(ToolModel):
    """Pairs as two lists of the same length."""

    x: DataText
    y: DataText
    method: Method = "pearson"
    alternative: Alternative = "two-sided"


class CorrelationResult(ToolModel):
    """The coefficient, its square where it is Pearson's or Spearman's, and the p value of no association."""

    method: Method
    coefficient: Figure
    squared: Figure
    p_value: Figure | None = Field(description="Null where two pairs leave nothing to test")
    alternative: Alternative
    count: int
    p_method: str
    assumption: str
    rounding: RoundingRule = ROUNDING


def correlation(arguments: CorrelationArguments) -> CorrelationResult:
    """Raises ToolError."""
    x, y = read_sample(arguments.x, "x", 2).values, read_sample(arguments.y, "y", 2).values
    same_length(x, y, "x, y")
    found = _METHODS[arguments.method](x, y, arguments.alternative)
    return CorrelationResult(
        method=arguments.method,
        coefficient=signed_root_figure(found.coefficient),
        squared=figure(found.coefficient.square),
        p_value=None if found.p_value is None else probability_figure(found.p_value),
        alternative=arguments.alternative,
        count=len(x),
        p_method=found.method,
        assumption=found.assumption,
    )


def phrase(result: CorrelationResult, style: AnswerStyle) -> str:
    """Coefficient and the p value."""
    language = style.language
    noun = "Paare" if language == "de" else "pairs"
    coefficient = f"{_LABELS[result.method]} {result.coefficient.text(language)}"
    p_value = "" if result.p_value is None else f", p {result.p_value.text(language)}"
    return f"{coefficient} ({result.count} {noun}{p_value})."


CORRELATION = Tool(
    name="correlation",
    group="core",
    description=Bilingual(
        en="Correlation of two lists of numbers by Pearson, Spearman or Kendall, with its p value",
        de="Korrelation zweier Zahlenlisten nach Pearson, Spearman oder Kendall, mit p-Wert",
    ),
    keywords=Bilingual(
        en="correlation correlate pearson spearman kendall tau rho coefficient association",
        de="korrelation korrelationskoeffizient zusammenhang pearson spearman kendall rangkorrelation",
    ),
    arguments=CorrelationArguments,
    result=CorrelationResult,
    run=correlation,
    answer=phrase,
    limits=(
        *DATA_LIMITS,
        Limit(name="kendall_pairs", value=MAX_KENDALL, unit="pairs"),
        Limit(name="exact_kendall", value=MAX_EXACT_KENDALL, unit="pairs without ties; an approximation beyond"),
        Limit(name="exact_spearman", value=MAX_EXACT_SPEARMAN, unit="pairs; an approximation beyond"),
    ),
    example=Example(
        args={"x": "1, 2, 3, 4, 5", "y": "2, 1, 4, 3, 5", "method": "kendall"},
        result={
            "method": "kendall",
            "coefficient": {"exact": "0.6", "rounded": "0.6", "is_exact": True},
            "squared": {"exact": "0.36", "rounded": "0.36", "is_exact": True},
            "p_value": {"exact": "7/30", "rounded": "0.233333333333333", "is_exact": False},
            "alternative": "two-sided",
            "count": 5,
            "p_method": "exact distribution; two-sided: twice the smaller tail",
            "assumption": "independent pairs",
            "rounding": "half_even_15_significant_digits",
        },
        answer="Kendall tau-b 0.6 (5 pairs, p ≈ 0.233333333333333).",
    ),
    error_example=ErrorExample(args={"x": "1, 2, 3", "y": "4, 4, 4"}, code="division_by_zero"),
)
