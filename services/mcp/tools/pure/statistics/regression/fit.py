"""A least-squares fit and its derived figures, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import figure, probability_figure, root_figure
from services.mcp.tools.pure.statistics.distributions import SignedRoot, student_t, tail_of_root
from services.mcp.tools.pure.statistics.hypothesis.outcome import signed_root_figure
from services.mcp.tools.pure.statistics.moments import squares, total
from services.mcp.tools.pure.statistics.regression.linear_algebra import Solved, normal_equations
from services.mcp.tools.pure.statistics.regression.models import Coefficient


@dataclass(frozen=True, slots=True)
class Fit:
    """Sums of squares are about the mean of y, or about zero where there is no intercept."""

    terms: tuple[str, ...]
    solved: Solved
    total: Fraction
    residual: Fraction
    freedom: int
    model_freedom: int

    @property
    def residual_variance(self) -> Fraction | None:
        return self.residual / self.freedom if self.freedom else None

    @property
    def f_statistic(self) -> Fraction | None:
        """Ratio of mean squares; None for a perfect fit, and for terms that explain nothing."""
        if not self.residual_variance or not self.model_freedom:
            return None
        return (self.total - self.residual) / self.model_freedom / self.residual_variance


def fitted(columns: Sequence[Sequence[Fraction]], response: Sequence[Fraction], terms: tuple[str, ...]) -> Fit:
    """Fit the response to the columns; the term `intercept` is a column of ones. Raises ToolError."""
    if len(response) < len(columns):
        raise ToolError("invalid_argument", f"y: at least {len(columns)} numbers are needed for {len(columns)} terms")
    solved = normal_equations(columns, response)
    explained = sum((b * c for b, c in zip(solved.coefficients, solved.right_side, strict=True)), Fraction(0))
    raw = total([value**2 for value in response])
    centred = "intercept" in terms
    return Fit(
        terms=terms,
        solved=solved,
        total=squares(response) if centred else raw,
        residual=raw - explained,
        freedom=len(response) - len(columns),
        model_freedom=len(columns) - centred,
    )


def coefficients(fit: Fit) -> tuple[Coefficient, ...]:
    rows = zip(fit.terms, fit.solved.coefficients, fit.solved.inverse_diagonal, strict=True)
    return tuple([_coefficient(fit, *row) for row in rows])


def _coefficient(fit: Fit, term: str, estimate: Fraction, inverse: Fraction) -> Coefficient:
    variance = fit.residual_variance
    if not variance:
        error = None if variance is None else figure(Fraction(0))
        return Coefficient(term=term, estimate=figure(estimate), standard_error=error, t=None, p_value=None)
    statistic = SignedRoot.ratio(estimate, variance * inverse)
    return Coefficient(
        term=term,
        estimate=figure(estimate),
        standard_error=root_figure(variance * inverse),
        t=signed_root_figure(statistic),
        p_value=probability_figure(tail_of_root(student_t(Fraction(fit.freedom)), statistic, "two-sided")),
    )
