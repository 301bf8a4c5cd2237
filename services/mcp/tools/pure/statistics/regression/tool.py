"""`linear_regression`: least squares with standard errors, exactly."""

from collections.abc import Sequence
from fractions import Fraction

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError
from services.mcp.tools.pure.figures import Figure, figure, probability_figure, root_figure
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.distributions import fisher_f, tail_of_ratio
from services.mcp.tools.pure.statistics.regression.fit import Fit, coefficients, fitted
from services.mcp.tools.pure.statistics.regression.linear_algebra import MAX_BITS, check_size
from services.mcp.tools.pure.statistics.regression.models import (
    MAX_DEGREE,
    MAX_PREDICTORS,
    R_SQUARED_RULE,
    RegressionArguments,
    RegressionResult,
    Variation,
)
from services.mcp.tools.pure.statistics.samples import DATA_LIMITS, read_sample, same_length


def linear_regression(arguments: RegressionArguments) -> RegressionResult:
    """Raises ToolError."""
    response = read_sample(arguments.y, "y", 2).values
    terms, columns = _design(arguments, response)
    fit = fitted(columns, response, terms)
    ratio = fit.f_statistic
    variance = fit.residual_variance
    return RegressionResult(
        count=len(response),
        coefficients=coefficients(fit),
        residual_standard_deviation=None if variance is None else root_figure(variance),
        r_squared=None if fit.total == 0 else figure(1 - fit.residual / fit.total),
        adjusted_r_squared=_adjusted(fit),
        f_statistic=None if ratio is None else figure(ratio),
        f_p_value=None if ratio is None else _f_tail(fit, ratio),
        regression=_variation(fit.model_freedom, fit.total - fit.residual),
        residual=_variation(fit.freedom, fit.residual),
        predicted=_predicted(arguments, fit),
    )


def _design(
    arguments: RegressionArguments, response: Sequence[Fraction]
) -> tuple[tuple[str, ...], list[Sequence[Fraction]]]:
    """Names of the terms and their columns."""
    if arguments.more_x and arguments.degree > 1:
        raise ToolError("invalid_argument", "more_x: further predictors need degree 1")
    predictors = [read_sample(text, "x").values for text in (arguments.x, *(arguments.more_x or ()))]
    for values in predictors:
        same_length(values, response, "x, y")
        check_size(values, arguments.degree)
    if len(predictors) > 1:
        named = [(f"x{place}", values) for place, values in enumerate(predictors, 1)]
    else:
        named = [(_power_name(k), _powers(predictors[0], k)) for k in range(1, arguments.degree + 1)]
    if arguments.intercept:
        named.insert(0, ("intercept", (Fraction(1),) * len(response)))
    return tuple(name for name, _ in named), [values for _, values in named]


def _powers(values: Sequence[Fraction], power: int) -> tuple[Fraction, ...]:
    return tuple([value**power for value in values])


def _power_name(power: int) -> str:
    return "x" if power == 1 else f"x^{power}"


def _adjusted(fit: Fit) -> Figure | None:
    if fit.total == 0 or fit.residual_variance is None:
        return None
    return figure(1 - fit.residual_variance / (fit.total / (fit.freedom + fit.model_freedom)))


def _f_tail(fit: Fit, ratio: Fraction) -> Figure:
    distribution = fisher_f(Fraction(fit.model_freedom), Fraction(fit.freedom))
    return probability_figure(tail_of_ratio(distribution, ratio, "greater"))


def _variation(freedom: int, squares: Fraction) -> Variation:
    mean_square = figure(squares / freedom) if freedom else None
    return Variation(degrees_of_freedom=freedom, sum_of_squares=figure(squares), mean_square=mean_square)


def _predicted(arguments: RegressionArguments, fit: Fit) -> Figure | None:
    if arguments.predict_at is None:
        return None
    if arguments.more_x:
        raise ToolError("invalid_argument", "predict_at: one predictor only")
    point = read_number(arguments.predict_at, "predict_at")
    first = 0 if arguments.intercept else 1
    values = fit.solved.coefficients
    return figure(sum((value * point**power for power, value in enumerate(values, first)), Fraction(0)))


def phrase(result: RegressionResult, style: AnswerStyle) -> str:
    """Equation, R², and the prediction if there is one."""
    language = style.language
    equation = " + ".join(
        _localised(c.estimate, style) + ("" if c.term == "intercept" else f" {c.term}") for c in result.coefficients
    ).replace("+ -", "- ")
    words = [f"y = {equation}"]
    if result.r_squared is not None:
        words.append(f"R² {result.r_squared.text(language)}")
    if result.predicted is not None:
        words.append(f"{'Vorhersage' if language == 'de' else 'prediction'} {result.predicted.text(language)}")
    rounded = not all(c.estimate.is_exact for c in result.coefficients)
    note = {"en": " (rounded to 15 digits)", "de": " (auf 15 Stellen gerundet)"}[language] if rounded else ""
    return f"{'; '.join(words)}{note}."


def _localised(value: Figure, style: AnswerStyle) -> str:
    return value.rounded.replace(".", ",") if style.language == "de" else value.rounded


LINEAR_REGRESSION = Tool(
    name="linear_regression",
    group="core",
    description=Bilingual(
        en="Least-squares regression, linear, polynomial or multiple, with standard errors and R squared, exactly",
        de="Regression kleinster Quadrate, linear, polynomial oder multipel, mit Standardfehlern und R², exakt",
    ),
    keywords=Bilingual(
        en="regression fit line slope intercept trend least squares r squared polynomial predict",
        de="regression ausgleichsgerade steigung achsenabschnitt trend kleinste quadrate bestimmtheitsmaß vorhersage",
    ),
    arguments=RegressionArguments,
    result=RegressionResult,
    run=linear_regression,
    answer=phrase,
    limits=(
        *DATA_LIMITS,
        Limit(name="degree", value=MAX_DEGREE, unit="highest power"),
        Limit(name="predictors", value=MAX_PREDICTORS, unit="predictors"),
        Limit(name="power_bits", value=MAX_BITS, unit="bits of the highest power of x, over a common denominator"),
    ),
    example=Example(
        args={"x": "1, 2, 3, 4", "y": "3, 5, 7, 9", "predict_at": 10},
        result={
            "count": 4,
            "coefficients": [
                {
                    "term": "intercept",
                    "estimate": {"exact": "1", "rounded": "1", "is_exact": True},
                    "standard_error": {"exact": "0", "rounded": "0", "is_exact": True},
                    "t": None,
                    "p_value": None,
                },
                {
                    "term": "x",
                    "estimate": {"exact": "2", "rounded": "2", "is_exact": True},
                    "standard_error": {"exact": "0", "rounded": "0", "is_exact": True},
                    "t": None,
                    "p_value": None,
                },
            ],
            "residual_standard_deviation": {"exact": "0", "rounded": "0", "is_exact": True},
            "r_squared": {"exact": "1", "rounded": "1", "is_exact": True},
            "adjusted_r_squared": {"exact": "1", "rounded": "1", "is_exact": True},
            "f_statistic": None,
            "f_p_value": None,
            "regression": {
                "degrees_of_freedom": 1,
                "sum_of_squares": {"exact": "20", "rounded": "20", "is_exact": True},
                "mean_square": {"exact": "20", "rounded": "20", "is_exact": True},
            },
            "residual": {
                "degrees_of_freedom": 2,
                "sum_of_squares": {"exact": "0", "rounded": "0", "is_exact": True},
                "mean_square": {"exact": "0", "rounded": "0", "is_exact": True},
            },
            "predicted": {"exact": "21", "rounded": "21", "is_exact": True},
            "method": "least squares by exact normal equations",
            "r_squared_rule": R_SQUARED_RULE,
            "assumption": "independent normal errors with equal variance, for standard errors and p values",
            "rounding": "half_even_15_significant_digits",
        },
        answer="y = 1 + 2 x; R² 1; prediction 21.",
    ),
    error_example=ErrorExample(args={"x": "2, 2, 2", "y": "1, 2, 3"}, code="domain_error"),
)
