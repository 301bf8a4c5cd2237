"""`solve_equation`: every solution, verified by substitution, or a refusal."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.algebra.constants import rounded_constant
from services.mcp.tools.pure.algebra.costs import LIMITS, check_costs
from services.mcp.tools.pure.algebra.deadline import TIME_LIMITS, within_search_time
from services.mcp.tools.pure.algebra.expressions import (
    MAX_EXPRESSION_CHARS,
    MAX_VARIABLE_CHARS,
    parse_sides,
    variable_name,
    variables_of,
)
from services.mcp.tools.pure.algebra.forms import forget
from services.mcp.tools.pure.algebra.parametric import solved_for
from services.mcp.tools.pure.algebra.rational import difference
from services.mcp.tools.pure.algebra.solutions import ROUNDING, Solution, root_text, solution_text
from services.mcp.tools.pure.algebra.solving import Formula, Kind, solve
from services.mcp.tools.pure.calculate.grammar import Equation
from services.mcp.tools.pure.calculate.rendering import expression_text
from services.mcp.tools.pure.calculate.tree import Variable
from services.mcp.tools.pure.deadline import within_call_time

VERIFICATION_OF_FORMULAS = "put into the equation with numbers for all letters, in certified bounds"
VERIFICATION = "every solution was put into the equation: exactly, or to 40 digits in certified bounds"


class SolveEquationArguments(ToolModel):
    """`x^2 - 5x + 6 = 0`, or `a*t + b = c` for t; without `=` the expression is set to 0."""

    equation: str = Field(min_length=1, max_length=MAX_EXPRESSION_CHARS)
    variable: str = Field(default="x", min_length=1, max_length=MAX_VARIABLE_CHARS)


class SolveEquationResult(ToolModel):
    """All real solutions; non-real ones of polynomials where there is a formula, else their number."""

    equation: str
    interpretation: str = Field(description="The equation as it was read")
    variable: str
    kind: Kind = Field(description="periodic: add k times the period, k any integer; all: true wherever it is defined")
    solutions: list[Solution]
    unlisted_non_real: int = Field(description="Non-real solutions that have no formula here")
    excluded: list[str] = Field(description="Values that would divide by zero")
    not_zero: list[str] = Field(default=[], description="Terms in other letters that must not be zero")
    domain: Literal["real and complex", "real"]
    rounding: str = ROUNDING
    verification: str = VERIFICATION


def solve_equation(arguments: SolveEquationArguments) -> SolveEquationResult:
    """Raises ToolError; undecided for kinds of equations that are not solved here."""
    variable = variable_name(arguments.variable)
    equation = _read(arguments.equation, variable)
    if variables_of(difference(equation.left, equation.right)) - {variable}:
        return _in_other_letters(arguments, equation, variable)
    with within_search_time("the solutions"):
        solved = solve(equation, Variable(variable))
        formulas = [_formula_text(one) for one in solved.formulas]
    forget()
    roots = solved.roots
    return SolveEquationResult(
        equation=" ".join(arguments.equation.split()),
        interpretation=f"{expression_text(equation.left)} = {_right_text(equation)}",
        variable=variable,
        kind=solved.kind,
        solutions=[*(root_text(root) for root in (*roots.real, *roots.non_real)), *formulas],
        unlisted_non_real=roots.unlisted,
        excluded=[root.exact or root.rounded for root in solved.excluded],
        domain="real and complex" if roots.non_real or roots.unlisted or not formulas else "real",
    )


def _in_other_letters(arguments: SolveEquationArguments, equation: Equation, variable: str) -> SolveEquationResult:
    """Solve a formula for one of its letters."""
    with within_search_time("the solutions"):
        found = solved_for(difference(equation.left, equation.right), variable)
    forget()
    return SolveEquationResult(
        equation=" ".join(arguments.equation.split()),
        interpretation=f"{expression_text(equation.left)} = {_right_text(equation)}",
        variable=variable,
        kind="formula",
        solutions=[_in_letters(value) for value in found.values],
        unlisted_non_real=0,
        excluded=[],
        not_zero=list(found.not_zero),
        domain="real",
        verification=VERIFICATION_OF_FORMULAS,
    )


def _in_letters(formula: str) -> Solution:
    return Solution(exact=formula, rounded=None, is_exact=False, is_real=True, multiplicity=1, lower=None, upper=None)


def _read(text: str, variable: str) -> Equation:
    equation = parse_sides(text, variable)
    for side in (equation.left, equation.right):
        if side is not None:
            check_costs(side)
    if variable not in variables_of(difference(equation.left, equation.right)):
        raise ToolError("invalid_argument", f"equation: the variable {variable} does not stand in it")
    return equation


def _right_text(equation: Equation) -> str:
    return "0" if equation.right is None else expression_text(equation.right)


def _formula_text(formula: Formula) -> Solution:
    rounded = rounded_constant(formula.text)
    return Solution(
        exact=formula.text,
        rounded=rounded.text,
        is_exact=rounded.is_exact,
        is_real=True,
        multiplicity=1,
        lower=None,
        upper=None,
        period=formula.period,
    )


def _phrase(result: SolveEquationResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if result.kind == "all":
        return _all(result, german=german)
    if not result.solutions:
        real = "" if not result.unlisted_non_real else (" reelle" if german else " real")
        none = f"hat keine{real} Lösung" if german else f"has no{real} solution"
        return f"{result.equation} {none}."
    solutions = "; ".join(f"{result.variable} {_one(one, german=german)}" for one in result.solutions)
    rest = (
        f" ({result.unlisted_non_real} {'nicht reelle' if german else 'non-real'})" if result.unlisted_non_real else ""
    )
    any_k = (", k beliebig ganz" if german else ", k any integer") if result.kind == "periodic" else ""
    unless = f" ({', '.join(result.not_zero)} ≠ 0)" if result.not_zero else ""
    return f"{solutions}{any_k}{rest}{unless}."


def _one(solution: Solution, *, german: bool) -> str:
    text = solution_text(solution, german=german)
    return f"{text} ({solution.multiplicity}x)" if solution.multiplicity > 1 else text


def _all(result: SolveEquationResult, *, german: bool) -> str:
    besides = ", ".join(result.excluded)
    if german:
        return f"{result.equation} gilt für alle Zahlen{f' außer {besides}' if besides else ''}."
    return f"{result.equation} holds for all numbers{f' except {besides}' if besides else ''}."


SOLVE_EQUATION = Tool(
    name="solve_equation",
    description=Bilingual(
        en="Solve equations in one unknown: polynomials, fractions, roots, exponentials, logarithms, trigonometry",
        de="Gleichungen mit einer Unbekannten lösen: Polynome, Brüche, Wurzeln, Potenzen, Logarithmen, Trigonometrie",
    ),
    keywords=Bilingual(
        en="solve equation unknown roots zeros quadratic cubic polynomial find x",
        de="gleichung lösen löse auflösen unbekannte nullstellen quadratische lösung x bestimmen",
    ),
    arguments=SolveEquationArguments,
    result=SolveEquationResult,
    run=within_call_time(solve_equation),
    answer=_phrase,
    limits=(
        Limit(name="equation_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        Limit(name="variable_chars", value=MAX_VARIABLE_CHARS, unit="characters"),
        *TIME_LIMITS,
        *LIMITS,
    ),
    example=Example(
        args={"equation": "x^2 - 5x + 6 = 0"},
        result={
            "equation": "x^2 - 5x + 6 = 0",
            "interpretation": "(x^2) - (5 * x) + 6 = 0",
            "variable": "x",
            "kind": "finite",
            "solutions": [
                {
                    "exact": str(root),
                    "rounded": str(root),
                    "is_exact": True,
                    "is_real": True,
                    "multiplicity": 1,
                    "lower": None,
                    "upper": None,
                    "period": None,
                }
                for root in (2, 3)
            ],
            "unlisted_non_real": 0,
            "excluded": [],
            "not_zero": [],
            "domain": "real and complex",
            "rounding": ROUNDING,
            "verification": VERIFICATION,
        },
        answer="x = 2; x = 3.",
    ),
    error_example=ErrorExample(args={"equation": "x = cos(x)"}, code="undecided"),
)
