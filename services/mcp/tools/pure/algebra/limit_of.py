"""`limit_of`: one- and two-sided limits, compared with values ever closer to the place."""

from typing import Literal

import sympy
from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.algebra.approach import Side, approaches, grows, is_defined
from services.mcp.tools.pure.algebra.constants import MAX_PLACE_CHARS, Place, read_place, rounded_constant
from services.mcp.tools.pure.algebra.costs import LIMITS, check_costs
from services.mcp.tools.pure.algebra.deadline import TIME_LIMITS, within_search_time
from services.mcp.tools.pure.algebra.expressions import (
    FUNCTIONS,
    MAX_EXPRESSION_CHARS,
    MAX_VARIABLE_CHARS,
    parse_formula,
    variable_name,
    variables_of,
)
from services.mcp.tools.pure.algebra.forms import forget, tidied
from services.mcp.tools.pure.algebra.symbolic import symbol, text_of, to_sympy
from services.mcp.tools.pure.calculate.grammar import parse
from services.mcp.tools.pure.calculate.rendering import expression_text
from services.mcp.tools.pure.calculate.tree import Node
from services.mcp.tools.pure.deadline import within_call_time

VERIFICATION = (
    "values at up to 16 points ever closer to the place, down to 10^-512 (or up to 10^512), in certified bounds"
)
Kind = Literal["finite", "infinite", "none"]
_INFINITE = {"oo": 1, "-oo": -1}


class LimitOfArguments(ToolModel):
    """`to` is a number, a formula such as pi/2, oo or -oo."""

    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_CHARS)
    variable: str = Field(default="x", min_length=1, max_length=MAX_VARIABLE_CHARS)
    to: str = Field(min_length=1, max_length=MAX_PLACE_CHARS)
    side: Literal["both", "left", "right"] = "both"


class LimitOfResult(ToolModel):
    """`limit` is null where the two sides differ; one side is null where nothing is defined on it."""

    expression: str
    interpretation: str = Field(description="The expression as it was read")
    variable: str
    to: str
    kind: Kind
    limit: str | None = Field(description="A number, oo or -oo")
    rounded: str | None
    left: str | None
    right: str | None
    verification: str = VERIFICATION


def limit_of(arguments: LimitOfArguments) -> LimitOfResult:
    """Raises ToolError; undecided if it could not be verified."""
    variable = variable_name(arguments.variable)
    tree = parse_formula(arguments.expression, variable)
    check_costs(tree)
    if variables_of(tree) - {variable}:
        raise ToolError("invalid_argument", f"expression: only the variable {variable} may stand in it")
    with within_search_time("the formula"):
        to_sympy(tree)  # rejects formulas that algebra lacks, before they seem to have no value anywhere
    place = read_place(arguments.to, "to")
    sides = _sides(arguments.side, place)
    defined = [side for side in sides if is_defined(tree, variable, place, side)]
    found = {side: verified_limit(tree, variable, place, side) for side in defined}
    forget()
    values = set(found.values())
    if not values:
        raise ToolError("domain_error", "the expression has no value near the place")
    limit = values.pop() if len(values) == 1 else None
    kind: Kind = "none" if limit is None else "infinite" if limit in _INFINITE else "finite"
    return LimitOfResult(
        expression=" ".join(arguments.expression.split()),
        interpretation=expression_text(tree),
        variable=variable,
        to=place.text,
        kind=kind,
        limit=limit,
        rounded=rounded_constant(limit).text if limit is not None and kind == "finite" else None,
        left=found.get("left"),
        right=found.get("right"),
    )


def verified_limit(tree: Node, variable: str, place: Place, side: Side) -> str:
    """One-sided limit as text. Raises ToolError(undecided) if there is none or it cannot be verified."""
    with within_search_time("the limit"):
        found = sympy.limit(to_sympy(tree), symbol(variable), place.symbolic, "-" if side == "left" else "+")
        text = text_of(tidied(found)) if found.is_real else None
    if found in (sympy.oo, -sympy.oo):
        sign = 1 if found == sympy.oo else -1
        if grows(tree, variable, place, side, sign):
            return "oo" if sign > 0 else "-oo"
        raise ToolError("undecided", "the limit could not be verified by values near the place")
    if text is None or not approaches(tree, variable, place, side, parse(text, FUNCTIONS)):
        raise ToolError("undecided", "there is no limit, or it could not be verified by values near the place")
    return text


def _sides(direction: str, place: Place) -> tuple[Side, ...]:
    """An infinity has one side only."""
    if place.tree is None:
        return ("left",) if place.sign > 0 else ("right",)
    return ("left", "right") if direction == "both" else ("left",) if direction == "left" else ("right",)


def _phrase(result: LimitOfResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    name = f"{result.expression}, {result.variable} → {result.to}"
    if result.limit is None:
        sides = f"{result.left} / {result.right}"
        verdict = "existiert nicht (links / rechts:" if german else "does not exist (left / right:"
        return f"{'Der Grenzwert von' if german else 'The limit of'} {name} {verdict} {sides})."
    value = result.limit.replace("oo", "∞")
    if result.rounded is not None and result.rounded != result.limit:
        value += f" ≈ {result.rounded.replace('.', ',') if german else result.rounded}"
    return f"{'Der Grenzwert von' if german else 'The limit of'} {name} {'ist' if german else 'is'} {value}."


LIMIT_OF = Tool(
    name="limit_of",
    description=Bilingual(
        en="Limits of formulas at a place or at infinity, one- or two-sided, verified",
        de="Grenzwerte von Formeln an einer Stelle oder im Unendlichen, ein- oder beidseitig, geprüft",
    ),
    keywords=Bilingual(
        en="limit approaches tends to infinity converge lim calculus one-sided",
        de="grenzwert limes lim strebt gegen unendlich konvergiert einseitig",
    ),
    arguments=LimitOfArguments,
    result=LimitOfResult,
    run=within_call_time(limit_of),
    answer=_phrase,
    limits=(
        Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        Limit(name="variable_chars", value=MAX_VARIABLE_CHARS, unit="characters"),
        Limit(name="to_chars", value=MAX_PLACE_CHARS, unit="characters"),
        *TIME_LIMITS,
        *LIMITS,
    ),
    example=Example(
        args={"expression": "sin(x)/x", "variable": "x", "to": "0"},
        result={
            "expression": "sin(x)/x",
            "interpretation": "sin(x) / x",
            "variable": "x",
            "to": "0",
            "kind": "finite",
            "limit": "1",
            "rounded": "1",
            "left": "1",
            "right": "1",
            "verification": VERIFICATION,
        },
        answer="The limit of sin(x)/x, x → 0 is 1.",
    ),
    error_example=ErrorExample(args={"expression": "sin(1/x)", "variable": "x", "to": "0"}, code="undecided"),
)
