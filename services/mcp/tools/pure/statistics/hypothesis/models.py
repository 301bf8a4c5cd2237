"""Arguments and result of `hypothesis_test`."""

from typing import Annotated, Literal

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule
from services.mcp.tools.pure.number_argument import NumberText
from services.mcp.tools.pure.statistics.distributions import Alternative
from services.mcp.tools.pure.statistics.samples import DataText

MAX_GROUPS = 20
MAX_ROWS = 20
MAX_COUNT = 1_000_000_000

TestName = Literal[
    "z",
    "t_one_sample",
    "t_two_sample",
    "t_welch",
    "t_paired",
    "f_variance",
    "anova",
    "chi2_goodness",
    "chi2_independence",
    "fisher_exact",
    "binomial",
    "mann_whitney",
    "wilcoxon",
]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Row = Annotated[list[Count], Field(min_length=2, max_length=MAX_ROWS)]


class TestArguments(ToolModel):
    """Which test, its data, and what is tested against."""

    __test__ = False  # not a test class, whatever its name looks like

    test: TestName
    data: DataText | None = Field(default=None, description="The sample, or the observed counts of chi2_goodness")
    data2: DataText | None = Field(default=None, description="The second sample, or the second of each pair")
    groups: list[DataText] | None = Field(
        default=None, min_length=2, max_length=MAX_GROUPS, description="anova: one list of numbers for each group"
    )
    table: list[Row] | None = Field(
        default=None,
        min_length=2,
        max_length=MAX_ROWS,
        description="chi2_independence, fisher_exact: rows of counts such as [[8, 2], [1, 5]]",
    )
    expected: DataText | None = Field(
        default=None, description="chi2_goodness: expected counts or probabilities; equal ones if left out"
    )
    hypothesized: NumberText = Field(default="0", description="Mean, or difference of means, under the null hypothesis")
    population_sd: NumberText | None = Field(default=None, description="z: known standard deviation of data")
    population_sd2: NumberText | None = Field(default=None, description="z: known standard deviation of data2")
    successes: Count | None = None
    trials: Count | None = None
    probability: NumberText = Field(default="0.5", description="binomial: probability under the null hypothesis")
    alternative: Alternative = "two-sided"
    alpha: NumberText = "0.05"
    continuity_correction: bool = Field(
        default=True, description="Yates' correction of a 2 x 2 table; continuity correction of a normal approximation"
    )


class NamedFigure(ToolModel):
    name: str
    value: Figure


class TestResult(ToolModel):
    """The statistic, its degrees of freedom and the p value, with the rules that they depend on."""

    __test__ = False

    test: TestName
    null_hypothesis: str
    alternative: Alternative
    statistic: NamedFigure | None = Field(description="Null where the test has none (fisher_exact, binomial)")
    degrees_of_freedom: tuple[Figure, ...]
    p_value: Figure
    alpha: str
    significant: bool = Field(description="Whether p < alpha")
    method: str = Field(description="The distribution the p value comes from, exact or approximate, and corrections")
    assumption: str
    estimates: tuple[NamedFigure, ...]
    notes: tuple[str, ...]
    rounding: RoundingRule = ROUNDING
