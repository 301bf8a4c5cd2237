"""Trees to SymPy objects, and SymPy objects to text in our own grammar. SymPy never sees text."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

import sympy
from sympy.printing.str import StrPrinter

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.costs import constant_value
from services.mcp.tools.pure.algebra.expressions import FUNCTIONS, is_constant
from services.mcp.tools.pure.calculate.tree import (
    Call,
    Chain,
    Constant,
    Negate,
    Node,
    Operator,
    Postfix,
    Power,
    Variable,
)

_UNARY: Mapping[str, Callable[[sympy.Expr], sympy.Expr]] = {
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "exp": sympy.exp,
    "ln": sympy.log,
    "log10": lambda value: sympy.log(value) / sympy.log(10),
    "log2": lambda value: sympy.log(value) / sympy.log(2),
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
}
_OPERATIONS: Mapping[Operator, Callable[[sympy.Expr, sympy.Expr], sympy.Expr]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "of": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}
_WORD = re.compile(r"[A-Za-z_]\w*")


def symbol(name: str) -> sympy.Symbol:
    """Real variable of a name."""
    return sympy.Symbol(name, real=True)


def to_sympy(node: Node) -> sympy.Expr:
    """A tree as a SymPy expression over the reals. Raises ToolError for parts that algebra lacks."""
    if is_constant(node):
        exact = constant_value(node)
        if exact is not None:
            return rational(exact)
    if isinstance(node, Variable):
        return symbol(node.name)
    if isinstance(node, Constant):
        return sympy.pi if node.name == "pi" else sympy.E
    if isinstance(node, Negate):
        return -to_sympy(node.operand)
    if isinstance(node, Power):
        return to_sympy(node.base) ** to_sympy(node.exponent)
    if isinstance(node, Call):
        return _call(node)
    return _chain(node) if isinstance(node, Chain) else _postfix(node)


def rational(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def text_of(expression: sympy.Expr) -> str:
    """Write an expression in our grammar. Raises ToolError(undecided) for functions that the grammar lacks."""
    text = str(_Printer().doprint(expression))
    known = FUNCTIONS | {"e", "pi", *(one.name for one in expression.free_symbols)}
    if not known.issuperset(_WORD.findall(text)):
        raise ToolError("undecided", "there is no closed form in elementary functions here")
    return text


class _Printer(StrPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's own text with the names and the power sign of our grammar."""

    def doprint(self, expr: sympy.Expr) -> str:
        return str(super().doprint(expr)).replace("**", "^")

    def _print_log(self, expr: sympy.Expr) -> str:
        return f"ln({self._print(expr.args[0])})"

    def _print_Abs(self, expr: sympy.Expr) -> str:
        return f"abs({self._print(expr.args[0])})"

    def _print_sign(self, expr: sympy.Expr) -> str:
        inner = self._print(expr.args[0])
        return f"(abs({inner})/({inner}))"

    def _print_Exp1(self, expr: sympy.Expr) -> str:
        return "e"


def _chain(node: Chain) -> sympy.Expr:
    total = to_sympy(node.first)
    for operator, operand in node.rest:
        if operator not in _OPERATIONS:
            raise ToolError("invalid_argument", f"{operator} has no place in algebra: use + - * / ^")
        if operator in ("+", "-") and isinstance(operand, Postfix) and operand.operator == "%":
            raise ToolError("ambiguous", "a percentage that is added to a formula: write * (1 + p/100)")
        right = to_sympy(operand)
        if operator == "/" and right.is_zero:
            raise ToolError("division_by_zero", "division by zero")
        total = _OPERATIONS[operator](total, right)
    return total


def _call(node: Call) -> sympy.Expr:
    arguments = [to_sympy(argument) for argument in node.arguments]
    if node.name in _UNARY and len(arguments) == 1:
        return _UNARY[node.name](arguments[0])
    if node.name == "log" and len(arguments) in (1, 2):
        return sympy.log(arguments[0]) / (sympy.log(arguments[1]) if len(arguments) == 2 else 1)
    if node.name == "pow" and len(arguments) == 2:
        return arguments[0] ** arguments[1]
    raise ToolError("invalid_argument", f"{node.name} does not take {len(arguments)} argument(s)")


def _postfix(node: Node) -> sympy.Expr:
    if not isinstance(node, Postfix) or node.operator == "!":
        raise ToolError("invalid_argument", "factorials of variables have no place in algebra")
    return to_sympy(node.operand) * (sympy.Rational(1, 100) if node.operator == "%" else sympy.pi / 180)
