"""`differentiate`: derivatives up to the tenth, each compared with slopes that are computed without it."""

import sympy
from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.algebra.costs import LIMITS, check_costs
from services.mcp.tools.pure.algebra.deadline import TIME_LIMITS, within_search_time
from services.mcp.tools.pure.algebra.expressions import (
    MAX_EXPRESSION_CHARS,
    MAX_VARIABLE_CHARS,
    parse_formula,
    variable_name,
)
from services.mcp.tools.pure.algebra.forms import forget, tidied
from services.mcp.tools.pure.algebra.symbolic import symbol, text_of, to_sympy
from services.mcp.tools.pure.algebra.verification import require_slope
from services.mcp.tools.pure.calculate.rendering import expression_text
from services.mcp.tools.pure.calculate.tree import Node
from services.mcp.tools.pure.deadline import within_call_time

MAX_ORDER = 10
VERIFICATION = "slopes by the rules of differentiation on numbers, at rational points, in certified bounds"


class DifferentiateArguments(ToolModel):
    """An expression such as `x^2 sin(x)`; other single letters are constants."""

    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_CHARS)
    variable: str = Field(default="x", min_length=1, max_length=MAX_VARIABLE_CHARS)
    order: int = Field(default=1, ge=1, le=MAX_ORDER)


class DifferentiateResult(ToolModel):
    """The derivative over the reals, in the grammar of the argument; ln is the natural logarithm."""

    expression: str
    interpretation: str = Field(description="The expression as it was read")
    variable: str
    order: int
    derivative: str
    verified_points: int
    verification: str = VERIFICATION


def differentiate(arguments: DifferentiateArguments) -> DifferentiateResult:
    """Raises ToolError; undecided if it could not be verified."""
    variable = variable_name(arguments.variable)
    tree = parse_formula(arguments.expression, variable)
    check_costs(tree)
    points, printed = 0, tree
    with within_search_time("the derivative"):
        derivatives = _derivatives(tree, variable, arguments.order)
    for text in derivatives:
        points = require_slope(text, printed, variable)
        printed = parse_formula(text, variable)
    forget()
    return DifferentiateResult(
        expression=" ".join(arguments.expression.split()),
        interpretation=expression_text(tree),
        variable=variable,
        order=arguments.order,
        derivative=derivatives[-1],
        verified_points=points,
    )


def _derivatives(tree: Node, variable: str, order: int) -> list[str]:
    """First to the last derivative as text."""
    current, found = to_sympy(tree), []
    for _ in range(order):
        current = tidied(sympy.diff(current, symbol(variable)))
        found.append(text_of(current))
    return found


def _phrase(result: DifferentiateResult, style: AnswerStyle) -> str:
    ordinal = f"{result.order}. " if result.order > 1 else ""
    if style.language == "de":
        return f"Die {ordinal}Ableitung von {result.expression} nach {result.variable} ist {result.derivative}."
    name = f"derivative number {result.order}" if result.order > 1 else "derivative"
    return f"The {name} of {result.expression} with respect to {result.variable} is {result.derivative}."


DIFFERENTIATE = Tool(
    name="differentiate",
    description=Bilingual(
        en="Derivatives of formulas, first to tenth, verified",
        de="Ableitungen von Formeln, erste bis zehnte, geprüft",
    ),
    keywords=Bilingual(
        en="derivative differentiate slope d/dx calculus rate of change gradient",
        de="ableitung ableiten differenzieren steigung differentialrechnung",
    ),
    arguments=DifferentiateArguments,
    result=DifferentiateResult,
    run=within_call_time(differentiate),
    answer=_phrase,
    limits=(
        Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        Limit(name="variable_chars", value=MAX_VARIABLE_CHARS, unit="characters"),
        Limit(name="order", value=MAX_ORDER, unit="derivatives"),
        *TIME_LIMITS,
        *LIMITS,
    ),
    example=Example(
        args={"expression": "x^3 - 2x"},
        result={
            "expression": "x^3 - 2x",
            "interpretation": "(x^3) - (2 * x)",
            "variable": "x",
            "order": 1,
            "derivative": "3*x^2 - 2",
            "verified_points": 17,
            "verification": VERIFICATION,
        },
        answer="The derivative of x^3 - 2x with respect to x is 3*x^2 - 2.",
    ),
    error_example=ErrorExample(args={"expression": "x^1000"}, code="limit_exceeded"),
)
