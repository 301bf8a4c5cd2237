"""`integrate`: antiderivatives and definite integrals that are verified, or refused."""

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.algebra.antiderivatives import antiderivative
from services.mcp.tools.pure.algebra.constants import MAX_PLACE_CHARS, read_place
from services.mcp.tools.pure.algebra.costs import LIMITS, check_costs
from services.mcp.tools.pure.algebra.deadline import TIME_LIMITS
from services.mcp.tools.pure.algebra.definite import PIECES, DefiniteIntegral, definite_integral
from services.mcp.tools.pure.algebra.expressions import (
    MAX_EXPRESSION_CHARS,
    MAX_VARIABLE_CHARS,
    parse_formula,
    variable_name,
    variables_of,
)
from services.mcp.tools.pure.algebra.forms import forget
from services.mcp.tools.pure.calculate.rendering import expression_text
from services.mcp.tools.pure.calculate.tree import Node
from services.mcp.tools.pure.deadline import within_call_time

VERIFICATION = (
    "the slope of the antiderivative is the integrand at rational points, in certified bounds; a definite value lies "
    f"within bounds of the integral on up to {PIECES[-1]:,} pieces"
)


class IntegrateArguments(ToolModel):
    """Bounds are numbers, formulas such as pi/2, oo or -oo; both or none."""

    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_CHARS)
    variable: str = Field(default="x", min_length=1, max_length=MAX_VARIABLE_CHARS)
    lower: str | None = Field(default=None, min_length=1, max_length=MAX_PLACE_CHARS)
    upper: str | None = Field(default=None, min_length=1, max_length=MAX_PLACE_CHARS)


class IntegrateResult(ToolModel):
    """`antiderivative` without the constant C; `value` of the definite integral, exact and rounded."""

    expression: str
    interpretation: str = Field(description="The expression as it was read")
    variable: str
    antiderivative: str
    lower: str | None
    upper: str | None
    value: str | None
    rounded: str | None
    is_exact: bool | None = Field(description="Whether `rounded` is the exact value")
    verified_points: int
    verification: str = VERIFICATION


def integrate(arguments: IntegrateArguments) -> IntegrateResult:
    """Raises ToolError; undecided if none was found that could be verified."""
    if (arguments.lower is None) != (arguments.upper is None):
        raise ToolError("invalid_argument", "lower, upper: both bounds are needed, or none")
    variable = variable_name(arguments.variable)
    tree = parse_formula(arguments.expression, variable)
    check_costs(tree)
    found, points = antiderivative(tree, variable)
    value = _definite(arguments, tree, variable, found)
    forget()
    return IntegrateResult(
        expression=" ".join(arguments.expression.split()),
        interpretation=expression_text(tree),
        variable=variable,
        antiderivative=found,
        lower=arguments.lower,
        upper=arguments.upper,
        value=value.text if value else None,
        rounded=value.rounded.text if value else None,
        is_exact=value.rounded.is_exact if value else None,
        verified_points=points,
    )


def _definite(arguments: IntegrateArguments, tree: Node, variable: str, found: str) -> DefiniteIntegral | None:
    if arguments.lower is None or arguments.upper is None:
        return None
    if variables_of(tree) - {variable}:
        raise ToolError("invalid_argument", f"expression: between bounds only the variable {variable} may stand in it")
    ends = read_place(arguments.lower, "lower"), read_place(arguments.upper, "upper")
    return definite_integral(tree, found, variable, ends)


def _phrase(result: IntegrateResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if result.value is None or result.rounded is None:
        if german:
            return f"Eine Stammfunktion von {result.expression} nach {result.variable} ist {result.antiderivative} + C."
        name = f"An antiderivative of {result.expression} with respect to {result.variable}"
        return f"{name} is {result.antiderivative} + C."
    value = result.value
    if result.rounded != value:
        rounded = result.rounded.replace(".", ",") if german else result.rounded
        value += f" {'=' if result.is_exact else '≈'} {rounded}"
    if german:
        return f"Das Integral von {result.expression} von {result.lower} bis {result.upper} ist {value}."
    return f"The integral of {result.expression} from {result.lower} to {result.upper} is {value}."


INTEGRATE = Tool(
    name="integrate",
    description=Bilingual(
        en="Antiderivatives and definite integrals, verified",
        de="Stammfunktionen und bestimmte Integrale, geprüft",
    ),
    keywords=Bilingual(
        en="integral integrate antiderivative area under curve definite indefinite calculus",
        de="integral integrieren stammfunktion aufleiten fläche unter kurve bestimmtes unbestimmtes",
    ),
    arguments=IntegrateArguments,
    result=IntegrateResult,
    run=within_call_time(integrate),
    answer=_phrase,
    limits=(
        Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        Limit(name="variable_chars", value=MAX_VARIABLE_CHARS, unit="characters"),
        Limit(name="bound_chars", value=MAX_PLACE_CHARS, unit="characters"),
        *TIME_LIMITS,
        *LIMITS,
    ),
    example=Example(
        args={"expression": "x^2", "lower": "0", "upper": "1"},
        result={
            "expression": "x^2",
            "interpretation": "x^2",
            "variable": "x",
            "antiderivative": "x^3/3",
            "lower": "0",
            "upper": "1",
            "value": "1/3",
            "rounded": "0.333333333333333",
            "is_exact": False,
            "verified_points": 17,
            "verification": VERIFICATION,
        },
        answer="The integral of x^2 from 0 to 1 is 1/3 ≈ 0.333333333333333.",
    ),
    error_example=ErrorExample(args={"expression": "e^(x^2)"}, code="undecided"),
)
