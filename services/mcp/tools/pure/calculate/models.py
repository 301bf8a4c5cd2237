"""Arguments and result of `calculate`."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.calculate.limits import MAX_EXPRESSION_CHARS
from services.mcp.tools.pure.calculate.rendering import SIGNIFICANT_DIGITS, ExactKind
from services.mcp.tools.pure.calculate.rules import RuleName

Rounding = Literal["none", "half_even_15_significant_digits"]


class CalculateArguments(ToolModel):
    """One expression, such as `15 % of 119.99` or `sqrt(8) / 3`."""

    expression: str = Field(
        min_length=1,
        max_length=MAX_EXPRESSION_CHARS,
        description=(
            "Numbers, + - * / // % mod ^ ** ! ( ) √ °, pi, e, percentages ('15 % of 119.99', '100 + 20 %') and "
            "functions. Decimal point or decimal comma."
        ),
    )


class AppliedRule(ToolModel):
    """A convention that the result depends on."""

    name: RuleName
    text: str


class CalculateResult(ToolModel):
    """The exact value, where it has a short exact form, and the rounded one beside it."""

    expression: str
    interpretation: str = Field(description="The expression as it was read, with a decimal point and ';' separators")
    exact: str | None = Field(description="Integer, terminating decimal, fraction p/q or symbolic form; else null")
    exact_kind: ExactKind
    rounded: str = Field(description="The value with at most 15 significant digits")
    is_exact: bool = Field(description="Whether `rounded` is the exact value")
    rounding: Rounding = Field(description="The rule that made `rounded`: 'none' where it is exact")
    significant_digits: int = SIGNIFICANT_DIGITS
    rules: tuple[AppliedRule, ...]
