"""What a formula may cost: bounds on degree and terms that are found on the tree, before anything is multiplied."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb

from services.mcp.contract import Limit, ToolError
from services.mcp.tools.pure.algebra.expressions import children, is_constant, walk
from services.mcp.tools.pure.calculate.evaluation import evaluate
from services.mcp.tools.pure.calculate.tree import Chain, Node, Power

MAX_DEGREE = 64
MAX_TERMS = 500
MAX_NODES = 200
LIMITS = (
    Limit(name="degree", value=MAX_DEGREE, unit="degree"),
    Limit(name="terms", value=MAX_TERMS, unit="terms when multiplied out"),
    Limit(name="nodes", value=MAX_NODES, unit="numbers, names and operators"),
)


@dataclass(frozen=True, slots=True)
class _Size:
    """Upper bounds: degree as a polynomial in its parts, and terms when multiplied out."""

    degree: int
    terms: int


def check_costs(node: Node) -> None:
    """Refuse a formula that would grow too large. Raises ToolError(limit_exceeded)."""
    if sum(1 for _ in walk(node)) > MAX_NODES:
        raise exceeded("numbers, names and operators", MAX_NODES)
    _size(node)


def constant_value(node: Node) -> Fraction | None:
    """Value of a part without variables, None if it is irrational. Raises ToolError as `calculate` does."""
    value = evaluate(node).value
    return value if isinstance(value, Fraction) else None


def exceeded(what: str, limit: int) -> ToolError:
    return ToolError("limit_exceeded", f"{what}: the limit is {limit:,}")


def _size(node: Node) -> _Size:
    if is_constant(node):
        return _Size(0, 1)
    if isinstance(node, Power):
        return _bounded(_power_size(node))
    parts = [_size(child) for child in children(node)] or [_Size(1, 1)]
    if not isinstance(node, Chain):
        return _Size(1, 1) if len(parts) > 1 or parts[0].terms > 1 else parts[0]
    size = parts[0]
    for (operator, _), part in zip(node.rest, parts[1:], strict=True):
        if operator in ("+", "-"):
            size = _bounded(_Size(max(size.degree, part.degree), size.terms + part.terms))
        else:
            size = _bounded(_Size(size.degree + part.degree, size.terms * part.terms))
    return size


def _power_size(node: Power) -> _Size:
    base = _size(node.base)
    if not is_constant(node.exponent):
        _size(node.exponent)
        return _Size(1, 1)
    exponent = constant_value(node.exponent)
    if exponent is None:
        return _Size(1, 1)
    times = abs(exponent.numerator)
    if times * max(1, base.degree) > MAX_DEGREE:
        raise exceeded("degree", MAX_DEGREE)
    return _Size(base.degree * times, comb(times + base.terms - 1, times) if base.terms > 1 else 1)


def _bounded(size: _Size) -> _Size:
    if size.degree > MAX_DEGREE:
        raise exceeded("degree", MAX_DEGREE)
    if size.terms > MAX_TERMS:
        raise exceeded("terms when multiplied out", MAX_TERMS)
    return size
