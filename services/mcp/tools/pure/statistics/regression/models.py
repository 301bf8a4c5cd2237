"""Arguments and result of `linear_regression`."""

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule
from services.mcp.tools.pure.number_argument import NumberText
from services.mcp.tools.pure.statistics.samples import DataText

MAX_DEGREE = 10
MAX_PREDICTORS = 10

R_SQUARED_RULE = "1 - residual / total sum of squares, about the mean of y; about zero without an intercept"


class RegressionArguments(ToolModel):
    """Least squares: y on x, its powers up to `degree`, or x and further predictors."""

    x: DataText
    y: DataText
    degree: int = Field(default=1, ge=1, le=MAX_DEGREE)
    more_x: list[DataText] | None = Field(
        default=None, min_length=1, max_length=MAX_PREDICTORS - 1, description="Further predictors, one list each"
    )
    intercept: bool = True
    predict_at: NumberText | None = Field(default=None, description="A value of x to predict y at; one predictor only")


class Coefficient(ToolModel):
    """One coefficient. What needs residuals that vary is null where the fit is perfect."""

    term: str
    estimate: Figure
    standard_error: Figure | None
    t: Figure | None
    p_value: Figure | None


class Variation(ToolModel):
    """One row of the analysis of variance."""

    degrees_of_freedom: int
    sum_of_squares: Figure
    mean_square: Figure | None


class RegressionResult(ToolModel):
    count: int
    coefficients: tuple[Coefficient, ...]
    residual_standard_deviation: Figure | None
    r_squared: Figure | None = Field(description="Null where y does not vary")
    adjusted_r_squared: Figure | None
    f_statistic: Figure | None
    f_p_value: Figure | None
    regression: Variation
    residual: Variation
    predicted: Figure | None
    method: str = "least squares by exact normal equations"
    r_squared_rule: str = R_SQUARED_RULE
    assumption: str = "independent normal errors with equal variance, for standard errors and p values"
    rounding: RoundingRule = ROUNDING
