"""Random formulas, each with a function of mpmath that has the same values: written apart from the grammar."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import mpmath

Function: TypeAlias = Callable[[mpmath.mpf], mpmath.mpf]


@dataclass(frozen=True)
class Formula:
    """Text in our grammar, and the function that it denotes."""

    text: str
    function: Function


LEAVES: tuple[Formula, ...] = (
    Formula("x", lambda x: x),
    Formula("x", lambda x: x),
    Formula("2", lambda _: mpmath.mpf(2)),
    Formula("3", lambda _: mpmath.mpf(3)),
    Formula("0.5", lambda _: mpmath.mpf("0.5")),
    Formula("pi", lambda _: mpmath.pi + 0),
)
UNARY: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "exp": mpmath.exp,
    "atan": mpmath.atan,
    "ln": mpmath.log,
    "sqrt": mpmath.sqrt,
}


def formula(source: random.Random, depth: int) -> Formula:
    """Random formula in x with a bounded depth."""
    if depth == 0 or source.random() < 0.15:
        return source.choice(LEAVES)
    kind = source.choice(("+", "-", "*", "*", "/", "^", "f", "f"))
    inner = formula(source, depth - 1)
    if kind == "f":
        return _applied(source.choice(list(UNARY)), inner)
    if kind == "^":
        return _raised(inner, source.randint(2, 3))
    return _joined(inner, kind, formula(source, depth - 1))


def _applied(name: str, inner: Formula) -> Formula:
    """Take ln and sqrt of something above zero."""
    if name in ("ln", "sqrt"):
        return Formula(f"{name}(({inner.text})^2 + 1)", lambda x: UNARY[name](inner.function(x) ** 2 + 1))
    return Formula(f"{name}({inner.text})", lambda x: UNARY[name](inner.function(x)))


def _raised(inner: Formula, exponent: int) -> Formula:
    return Formula(f"({inner.text})^{exponent}", lambda x: inner.function(x) ** exponent)


def _joined(left: Formula, sign: str, right: Formula) -> Formula:
    def value(x: mpmath.mpf) -> mpmath.mpf:
        a, b = left.function(x), right.function(x)
        return a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b

    return Formula(f"({left.text}) {sign} ({right.text})", value)
