"""Places on the real line as arguments: numbers, formulas without variables, and both infinities."""

from dataclasses import dataclass
from typing import Literal

import sympy

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.expressions import FUNCTIONS, is_constant, parse_formula
from services.mcp.tools.pure.algebra.symbolic import to_sympy
from services.mcp.tools.pure.calculate.evaluation import evaluate
from services.mcp.tools.pure.calculate.grammar import parse
from services.mcp.tools.pure.calculate.rendering import RoundedText, expression_text, rounded_text
from services.mcp.tools.pure.calculate.tree import Node

MAX_PLACE_CHARS = 100
_NO_NAME = "x"
_INFINITY = frozenset({"oo", "inf", "infinity", "infinite", "∞", "unendlich"})


@dataclass(frozen=True, slots=True)
class Place:
    """A number as a tree, or an infinity: then `tree` is None."""

    tree: Node | None
    sign: Literal[-1, 0, 1]

    @property
    def symbolic(self) -> sympy.Expr:
        return self.sign * sympy.oo if self.tree is None else to_sympy(self.tree)

    @property
    def text(self) -> str:
        if self.tree is None:
            return "-oo" if self.sign < 0 else "oo"
        return expression_text(self.tree)


def read_place(text: str, name: str) -> Place:
    """Raises ToolError for anything but a number or an infinity."""
    plain = text.strip().lower()
    unsigned = plain.lstrip("+-").strip()
    if unsigned in _INFINITY and len(plain) - len(plain.lstrip("+-")) <= 1:
        return Place(None, -1 if plain.startswith("-") else 1)
    try:
        tree = parse_formula(text, _NO_NAME)
    except ToolError as error:
        raise ToolError("invalid_argument", f"{name}: {error}") from error
    if not is_constant(tree):
        raise ToolError("invalid_argument", f"{name}: a number, a formula without variables, oo or -oo is expected")
    evaluate(tree)
    return Place(tree, 0)


def rounded_constant(text: str) -> RoundedText:
    """Value of a formula without variables, from its text, with 15 significant digits. Raises ToolError."""
    evaluation = evaluate(parse(text, FUNCTIONS))
    return rounded_text(evaluation.value, evaluation.tape)
