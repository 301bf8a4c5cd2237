"""Arguments and result of `confidence_interval`."""

from typing import Annotated, Literal

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule
from services.mcp.tools.pure.number_argument import NumberText
from services.mcp.tools.pure.statistics.samples import DataText

MAX_COUNT = 1_000_000

Kind = Literal[
    "mean", "mean_difference", "proportion", "proportion_difference", "variance", "standard_deviation", "correlation"
]
Method = Literal["wilson", "clopper_pearson", "wald", "agresti_coull"]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Size = Annotated[int, Field(ge=1, le=MAX_COUNT)]


class IntervalArguments(ToolModel):
    """What is estimated, and either the data or their summary (mean, standard_deviation, n)."""

    kind: Kind
    confidence: NumberText = Field(default="0.95", description="Between 0 and 1, or a percentage above 1 such as 95")
    data: DataText | None = None
    data2: DataText | None = Field(default=None, description="Second sample: mean_difference, correlation")
    mean: NumberText | None = None
    standard_deviation: NumberText | None = None
    n: Size | None = None
    mean2: NumberText | None = None
    standard_deviation2: NumberText | None = None
    n2: Size | None = None
    population_sd: NumberText | None = Field(default=None, description="mean: a known standard deviation, z not t")
    equal_variances: bool = Field(default=False, description="mean_difference: pooled instead of Welch's")
    successes: Count | None = None
    trials: Size | None = None
    successes2: Count | None = None
    trials2: Size | None = None
    correlation: NumberText | None = Field(default=None, description="A known coefficient, together with n")
    method: Method = Field(default="wilson", description="proportion: how; proportion_difference: wilson or wald")


class IntervalResult(ToolModel):
    """A two-sided interval and how it was made."""

    kind: Kind
    confidence: str
    estimate: Figure
    lower: Figure
    upper: Figure
    standard_error: Figure | None
    degrees_of_freedom: Figure | None
    critical_value: Figure | None
    method: str
    assumption: str
    rounding: RoundingRule = ROUNDING
