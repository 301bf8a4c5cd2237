"""The parts of a formula that are not rational in its variable, and their inverses over the reals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.expressions import children, is_constant
from services.mcp.tools.pure.algebra.rational import integer_exponent
from services.mcp.tools.pure.calculate.algebra import Algebra
from services.mcp.tools.pure.calculate.evaluation import evaluate_with
from services.mcp.tools.pure.calculate.tree import Call, Chain, Constant, Negate, Node, Number, Power, Variable

ONE, TWO, TEN = (Number(Fraction(number)) for number in (1, 2, 10))
PI, E = Constant("pi"), Constant("e")
FULL_TURN = Chain(TWO, (("*", PI),))


@dataclass(frozen=True, slots=True)
class Branch:
    """One possible value of the inside of a function, and the period that may be added any number of times."""

    inside: Node
    value: Node
    period: Node | None = None


def parts_of(node: Node) -> frozenset[Node]:
    """Variable and the largest parts in it that are no quotients of polynomials."""
    if is_constant(node):
        return frozenset()
    if isinstance(node, Variable) or (isinstance(node, Call) and node.name != "pow"):
        return frozenset({node})
    if isinstance(node, Call):
        return parts_of(Power(node.arguments[0], node.arguments[-1]))
    if isinstance(node, Power):
        return parts_of(node.base) if integer_exponent(node) is not None else frozenset({node})
    return frozenset(part for child in children(node) for part in parts_of(child))


def branches(part: Node, value: Node) -> tuple[Branch, ...]:
    """All values of the inside of `part` for which `part` = value, a constant. Raises ToolError."""
    if isinstance(part, Power):
        return _power_branches(part, value)
    if not isinstance(part, Call) or part.name not in _INVERSES:
        raise ToolError("undecided", "this kind of equation is not solved here")
    return _INVERSES[part.name](part, value)


def sign_of(node: Node) -> int:
    """Sign of a constant. Raises ToolError(undecided)."""
    algebra = Algebra()
    return algebra.sign(evaluate_with(algebra, node))


def minus(left: Node, right: Node) -> Node:
    return Chain(left, (("-", right),))


def over(left: Node, right: Node) -> Node:
    return Chain(left, (("/", right),))


def _power_branches(part: Power, value: Node) -> tuple[Branch, ...]:
    """b^g = v: g = ln v / ln b for v > 0."""
    if not is_constant(part.base):
        raise ToolError("undecided", "this kind of equation is not solved here")
    if sign_of(part.base) <= 0 or sign_of(minus(part.base, ONE)) == 0:
        raise ToolError("undecided", "a power is solved for a base above zero other than 1")
    if sign_of(value) <= 0:
        return ()
    logarithm: Node = Call("ln", (value,))
    return (Branch(part.exponent, logarithm if part.base == E else over(logarithm, Call("ln", (part.base,)))),)


def _exponential(part: Call, value: Node) -> tuple[Branch, ...]:
    return (Branch(part.arguments[0], Call("ln", (value,))),) if sign_of(value) > 0 else ()


def _logarithm(part: Call, value: Node) -> tuple[Branch, ...]:
    bases: Mapping[str, Node] = {"ln": E, "log10": TEN, "log2": TWO}
    base = bases.get(part.name, E if len(part.arguments) == 1 else part.arguments[-1])
    if not is_constant(base):
        raise ToolError("undecided", "this kind of equation is not solved here")
    return (Branch(part.arguments[0], Power(base, value)),)


def _root(part: Call, value: Node) -> tuple[Branch, ...]:
    return (Branch(part.arguments[0], Power(value, TWO)),) if sign_of(value) >= 0 else ()


def _absolute(part: Call, value: Node) -> tuple[Branch, ...]:
    sign = sign_of(value)
    both = (Branch(part.arguments[0], Negate(value)), Branch(part.arguments[0], value))
    return () if sign < 0 else both[sign == 0 :]


def _in_unit(value: Node) -> bool:
    return sign_of(minus(value, ONE)) <= 0 and sign_of(minus(Negate(ONE), value)) <= 0


def _sine(part: Call, value: Node) -> tuple[Branch, ...]:
    if not _in_unit(value):
        return ()
    angle, inside = Call("asin", (value,)), part.arguments[0]
    return Branch(inside, angle, FULL_TURN), Branch(inside, minus(PI, angle), FULL_TURN)


def _cosine(part: Call, value: Node) -> tuple[Branch, ...]:
    if not _in_unit(value):
        return ()
    angle, inside = Call("acos", (value,)), part.arguments[0]
    return Branch(inside, angle, FULL_TURN), Branch(inside, Negate(angle), FULL_TURN)


def _tangent(part: Call, value: Node) -> tuple[Branch, ...]:
    return (Branch(part.arguments[0], Call("atan", (value,)), PI),)


def _arc(direct: str) -> Callable[[Call, Node], tuple[Branch, ...]]:
    """asin g = v: g = sin v. What lies outside the range of the arc function fails the substitution."""
    return lambda part, value: (Branch(part.arguments[0], Call(direct, (value,))),)


_INVERSES: Mapping[str, Callable[[Call, Node], tuple[Branch, ...]]] = {
    "exp": _exponential,
    "ln": _logarithm,
    "log": _logarithm,
    "log10": _logarithm,
    "log2": _logarithm,
    "sqrt": _root,
    "abs": _absolute,
    "sin": _sine,
    "cos": _cosine,
    "tan": _tangent,
    "asin": _arc("sin"),
    "acos": _arc("cos"),
    "atan": _arc("tan"),
}
