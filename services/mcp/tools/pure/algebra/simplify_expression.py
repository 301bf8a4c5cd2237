"""`simplify_expression`: the shortest of several equal forms, with the expanded and the factored one beside it."""

import sympy
from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.algebra.costs import LIMITS, check_costs
from services.mcp.tools.pure.algebra.deadline import TIME_LIMITS, within_search_time
from services.mcp.tools.pure.algebra.expressions import MAX_EXPRESSION_CHARS, parse_formula, variables_of
from services.mcp.tools.pure.algebra.forms import forget, shortest, tidied
from services.mcp.tools.pure.algebra.symbolic import text_of, to_sympy
from services.mcp.tools.pure.algebra.verification import require_same_values
from services.mcp.tools.pure.calculate.rendering import expression_text
from services.mcp.tools.pure.deadline import within_call_time

RULE = "over the reals; equal wherever the expression is defined: a factor that cancels may hide a gap"
_ANY = "x"


class SimplifyExpressionArguments(ToolModel):
    """An expression in single letters, such as `(x^2 - 1)/(x - 1)`."""

    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_CHARS)


class SimplifyExpressionResult(ToolModel):
    """Three forms with the same values, in the grammar of the argument; ln is the natural logarithm."""

    expression: str
    interpretation: str = Field(description="The expression as it was read")
    simplified: str
    expanded: str
    factored: str
    verified_points: int
    rule: str = RULE


def simplify_expression(arguments: SimplifyExpressionArguments) -> SimplifyExpressionResult:
    """Raises ToolError; undecided if one could not be verified."""
    tree = parse_formula(arguments.expression, _ANY)
    check_costs(tree)
    with within_search_time("a simpler form"):
        expression = to_sympy(tree)
        forms = [form(expression) for form in (_simplified, sympy.expand, sympy.factor)]
        texts = [text_of(form) for form in forms]
    points = min(require_same_values(text, tree, _ANY) for text in texts)
    forget()
    return SimplifyExpressionResult(
        expression=" ".join(arguments.expression.split()),
        interpretation=expression_text(tree),
        simplified=texts[0],
        expanded=texts[1],
        factored=texts[2],
        verified_points=points if variables_of(tree) else 1,
    )


def _simplified(expression: sympy.Expr) -> sympy.Expr:
    return shortest(tidied(expression), sympy.expand(expression), sympy.simplify(expression))


def _phrase(result: SimplifyExpressionResult, style: AnswerStyle) -> str:
    shown = {"expanded": result.expanded, "factored": result.factored}.get(style.focus or "", result.simplified)
    return f"{result.expression} = {shown}."


SIMPLIFY_EXPRESSION = Tool(
    name="simplify_expression",
    description=Bilingual(
        en="Simplify, expand and factor formulas, verified",
        de="Formeln vereinfachen, ausmultiplizieren und faktorisieren, geprüft",
    ),
    keywords=Bilingual(
        en="simplify expand factor factorise expression term formula cancel reduce",
        de="vereinfachen vereinfache ausmultiplizieren faktorisieren ausklammern kürzen term ausdruck formel",
    ),
    arguments=SimplifyExpressionArguments,
    result=SimplifyExpressionResult,
    run=within_call_time(simplify_expression),
    answer=_phrase,
    limits=(
        Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        *TIME_LIMITS,
        *LIMITS,
    ),
    example=Example(
        args={"expression": "(x^2 - 1)/(x - 1)"},
        result={
            "expression": "(x^2 - 1)/(x - 1)",
            "interpretation": "((x^2) - 1) / (x - 1)",
            "simplified": "x + 1",
            "expanded": "x^2/(x - 1) - 1/(x - 1)",
            "factored": "x + 1",
            "verified_points": 17,
            "rule": RULE,
        },
        answer="(x^2 - 1)/(x - 1) = x + 1.",
    ),
    error_example=ErrorExample(args={"expression": "(a+b+c+d)^60"}, code="limit_exceeded"),
    focuses=("simplified", "expanded", "factored"),
)
