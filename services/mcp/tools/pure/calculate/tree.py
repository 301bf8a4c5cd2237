"""The typed tree of an expression. Sums and products are flat, so the depth is bounded by the nesting limit."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

Operator = Literal["+", "-", "*", "/", "//", "mod", "of"]
PostfixOperator = Literal["!", "%", "deg"]


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction


@dataclass(frozen=True, slots=True)
class Constant:
    name: Literal["pi", "e"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A name without a value, in algebra only."""

    name: str


@dataclass(frozen=True, slots=True)
class Negate:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Postfix:
    operator: PostfixOperator
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Power:
    base: "Node"
    exponent: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands of one precedence, applied from left to right."""

    first: "Node"
    rest: tuple[tuple[Operator, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Node", ...]


Node: TypeAlias = Number | Constant | Variable | Negate | Postfix | Power | Chain | Call


def is_percentage(node: Node) -> bool:
    """Whether a node is a percentage: `5 %`, or a sum of nothing else."""
    if isinstance(node, Postfix):
        return node.operator == "%"
    if isinstance(node, Chain) and node.rest[0][0] in ("+", "-"):
        return is_percentage(node.first) and all(is_percentage(term) for _, term in node.rest)
    return False
