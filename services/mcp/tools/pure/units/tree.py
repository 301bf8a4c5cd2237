"""The typed tree of an expression with units."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from services.mcp.tools.pure.units.names import Meaning


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction


@dataclass(frozen=True, slots=True)
class Named:
    """A unit by the name that was written."""

    written: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Power:
    base: "Node"
    exponent: int


@dataclass(frozen=True, slots=True)
class Group:
    """Factors written side by side, such as `-5 kg m`: they bind closer than a division."""

    parts: tuple["Node", ...]
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Mixed:
    """Amounts written side by side, such as `5 ft 3 in`: they add up."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Product:
    first: "Node"
    rest: tuple[tuple[Literal["*", "/"], "Node"], ...]


@dataclass(frozen=True, slots=True)
class Sum:
    first: "Node"
    rest: tuple[tuple[Literal["+", "-"], "Node"], ...]


Node: TypeAlias = Number | Named | Power | Group | Mixed | Product | Sum


def names_in(node: Node) -> tuple[Named, ...]:
    """Names of units, in the order in which they are written."""
    if isinstance(node, Named):
        return (node,)
    if isinstance(node, Number):
        return ()
    if isinstance(node, Power):
        return names_in(node.base)
    children: tuple[Node, ...]
    if isinstance(node, Group):
        children = node.parts
    elif isinstance(node, Mixed):
        children = node.groups
    else:
        children = (node.first, *[operand for _, operand in node.rest])
    return tuple([name for child in children for name in names_in(child)])


def lone_name(node: Node) -> Named | None:
    """The name if an expression is nothing else. None otherwise."""
    if isinstance(node, Group) and len(node.parts) == 1 and not node.negative:
        node = node.parts[0]
    return node if isinstance(node, Named) else None
