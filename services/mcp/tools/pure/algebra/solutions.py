"""Printed roots: exact and rounded side by side, with the proven bounds."""

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.algebra.roots import Root

ROUNDING = "half_even_15_significant_digits"


class Solution(ToolModel):
    """One solution. `exact` is null where there is no formula; then the bounds are what is proved."""

    exact: str | None
    rounded: str | None = Field(description="With 15 significant digits; null for a formula in other letters")
    is_exact: bool = Field(description="Whether `rounded` is the exact value")
    is_real: bool
    multiplicity: int
    lower: str | None = Field(description="A proved lower bound, for real solutions without an exact form")
    upper: str | None
    period: str | None = Field(default=None, description="k times this, for every integer k, leads to further ones")


def root_text(root: Root) -> Solution:
    enclosed = root.is_real and root.exact is None
    return Solution(
        exact=root.exact,
        rounded=root.rounded,
        is_exact=root.is_exact,
        is_real=root.is_real,
        multiplicity=root.multiplicity,
        lower=str(root.low) if enclosed else None,
        upper=str(root.high) if enclosed else None,
    )


def solution_text(solution: Solution, *, german: bool) -> str:
    """Write `exact ≈ rounded`, or the available part of it."""
    if solution.rounded is None:
        return f"= {solution.exact}"
    rounded = solution.rounded.replace(".", ",") if german else solution.rounded
    if solution.period is not None and solution.exact == "0":
        return f"= k*({solution.period})"
    if solution.exact is None:
        return f"≈ {rounded}"
    if solution.exact == solution.rounded or (solution.is_exact and solution.is_real):
        text = f"= {rounded if '/' not in solution.exact else solution.exact}"
    else:
        text = f"= {solution.exact}" if solution.is_exact else f"= {solution.exact} ≈ {rounded}"
    return f"{text} + k*({solution.period})" if solution.period else text
