"""Irrational values as a tape of operations, enclosed at rising precision until a question about them is decided.

The tape is flat: a value is an index, its operands are exact numbers or earlier indices. So enclosing a value never
recurses, and each operation is done once per precision.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias, TypeVar

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.exact import Exact, PiMultiple, Surd
from services.mcp.tools.pure.calculate.intervals import (
    BINARY,
    UNARY,
    BinaryOperation,
    Interval,
    IntervalArithmetic,
    UnaryOperation,
    Unresolved,
)
from services.mcp.tools.pure.calculate.limits import MAX_INTERMEDIATE_DIGITS, exceeded

PRECISIONS = (30, 60, 120, 300, 700, 1_300)  # decimal digits


@dataclass(frozen=True, slots=True)
class Approximate:
    """An irrational value: its place on the tape."""

    index: int


Value: TypeAlias = Exact | Approximate
Decision = TypeVar("Decision")


@dataclass(frozen=True, slots=True)
class UnaryStep:
    operation: UnaryOperation
    operand: Value


@dataclass(frozen=True, slots=True)
class BinaryStep:
    operation: BinaryOperation
    left: Value
    right: Value


Step: TypeAlias = UnaryStep | BinaryStep


class Tape:
    """The operations of one expression. Not shared between expressions."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._places: dict[Step, Approximate] = {}
        self._known: dict[int, list[Interval]] = {digits: [] for digits in PRECISIONS}

    def record(self, step: Step) -> Approximate:
        """Append a step that has a value; a repeated step reuses its value.

        Raises ToolError where it is undefined, too large, or cannot be decided.
        """
        if step in self._places:
            return self._places[step]
        self._steps.append(step)
        value = Approximate(len(self._steps) - 1)
        self.decide(value, lambda _: True)
        self._places[step] = value
        return value

    def step_of(self, value: Approximate) -> Step:
        return self._steps[value.index]

    def sign(self, value: Value) -> int:
        """-1, 0 or 1. Raises ToolError(undecided) if the bounds of an irrational form include zero."""
        if isinstance(value, Fraction):
            return (value > 0) - (value < 0)
        return self.decide(value, _sign_of)

    def decide(self, value: Value, question: Callable[[Interval], Decision | None]) -> Decision:
        """First result that is not None, over ever narrower bounds. Raises ToolError(undecided)."""
        for digits in PRECISIONS:
            try:
                answer = question(self.enclose(value, digits))
            except Unresolved:
                continue
            if answer is not None:
                return answer
        raise ToolError("undecided", f"cannot be decided with {PRECISIONS[-1]:,} digits: write it in a simpler form")

    def enclose(self, value: Value, digits: int) -> Interval:
        """Bound computed with a precision from `PRECISIONS`. Raises Unresolved if more digits are needed."""
        if not isinstance(value, Approximate):
            return _enclose_exact(value, _arithmetic(digits))
        known = self._known[digits]
        while len(known) <= value.index:
            known.append(_in_range(self._run(self._steps[len(known)], digits)))
        return known[value.index]

    def _run(self, step: Step, digits: int) -> Interval:
        arithmetic = _arithmetic(digits)
        if isinstance(step, UnaryStep):
            return UNARY[step.operation](arithmetic, self.enclose(step.operand, digits))
        left, right = self.enclose(step.left, digits), self.enclose(step.right, digits)
        return BINARY[step.operation](arithmetic, left, right)


@lru_cache(maxsize=len(PRECISIONS))
def _arithmetic(digits: int) -> IntervalArithmetic:
    return IntervalArithmetic(digits)


def _enclose_exact(value: Exact, arithmetic: IntervalArithmetic) -> Interval:
    if isinstance(value, Fraction):
        return arithmetic.fraction(value)
    if isinstance(value, PiMultiple):
        return arithmetic.multiply(arithmetic.fraction(value.coefficient), arithmetic.pi())
    return _enclose_surd(value, arithmetic)


def _enclose_surd(value: Surd, arithmetic: IntervalArithmetic) -> Interval:
    total = Interval(Decimal(0), Decimal(0))
    for radicand, coefficient in value.terms:
        root = arithmetic.sqrt(arithmetic.fraction(Fraction(radicand)))
        total = arithmetic.add(total, arithmetic.multiply(arithmetic.fraction(coefficient), root))
    return total


def _sign_of(interval: Interval) -> int | None:
    if interval.low > 0:
        return 1
    return -1 if interval.high < 0 else None


def _in_range(interval: Interval) -> Interval:
    """Keep numbers, and so the work on them, between 10**-6000 and 10**6000."""
    largest = max(interval.low.copy_abs(), interval.high.copy_abs())
    if largest and abs(largest.adjusted()) > MAX_INTERMEDIATE_DIGITS:
        raise exceeded("digits of an intermediate number", MAX_INTERMEDIATE_DIGITS)
    return interval
