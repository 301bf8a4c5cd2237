"""Formulas with variables: text to the typed tree that `calculate` uses, and the allowed names."""

import re
from collections.abc import Iterator, Mapping
from string import ascii_lowercase

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.grammar import Equation, parse_equation
from services.mcp.tools.pure.calculate.tree import Call, Chain, Negate, Node, Postfix, Power, Variable

MAX_EXPRESSION_CHARS = 500
MAX_VARIABLE_CHARS = 20
FUNCTIONS = frozenset(
    "sqrt abs exp ln log log10 log2 sin cos tan asin acos atan pow".split()  # noqa: SIM905 - a list of words
)
_LETTERS = frozenset(ascii_lowercase) - {"e"}
_NAME = re.compile(r"[a-z][a-z0-9]*", re.ASCII)
_RESERVED = FUNCTIONS | {"e", "pi", "of", "von", "mod", "deg", "degree", "degrees", "oo", "inf"}


def variable_name(text: str) -> str:
    """In lower case, as in the grammar. Raises ToolError(invalid_argument)."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise ToolError("invalid_argument", "variable: letters and digits, other than e, pi and names of functions")
    return name


def parse_formula(text: str, variable: str) -> Node:
    """Tree of an expression in the variable and single letters. Raises ToolError."""
    equation = parse_sides(text, variable)
    if equation.right is not None:
        raise ToolError("invalid_argument", "expression: an expression without '=' is expected")
    return equation.left


def parse_sides(text: str, variable: str) -> Equation:
    """Trees of both sides of an equation, or of one expression. Raises ToolError."""
    return parse_equation(text, FUNCTIONS, _LETTERS | {variable})


def children(node: Node) -> tuple[Node, ...]:
    """From left to right."""
    if isinstance(node, Chain):
        return (node.first, *(operand for _, operand in node.rest))
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Power):
        return (node.base, node.exponent)
    return (node.operand,) if isinstance(node, Negate | Postfix) else ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def variables_of(node: Node) -> frozenset[str]:
    return frozenset(one.name for one in walk(node) if isinstance(one, Variable))


def substituted(node: Node, values: Mapping[str, Node]) -> Node:
    """Tree with variables replaced."""
    return replaced(node, {Variable(name): value for name, value in values.items()})


def replaced(node: Node, parts: Mapping[Node, Node]) -> Node:
    """Tree with whole parts of it replaced."""
    if node in parts:
        return parts[node]
    if isinstance(node, Chain):
        rest = tuple((operator, replaced(operand, parts)) for operator, operand in node.rest)
        return Chain(replaced(node.first, parts), rest)
    if isinstance(node, Call):
        return Call(node.name, tuple(replaced(argument, parts) for argument in node.arguments))
    if isinstance(node, Power):
        return Power(replaced(node.base, parts), replaced(node.exponent, parts))
    if isinstance(node, Negate):
        return Negate(replaced(node.operand, parts))
    return Postfix(node.operator, replaced(node.operand, parts)) if isinstance(node, Postfix) else node


def is_constant(node: Node) -> bool:
    return not isinstance(node, Variable) and all(is_constant(child) for child in children(node))
