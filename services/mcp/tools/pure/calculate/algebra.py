"""Arithmetic on values: exact wherever an exact form exists, recorded on the tape otherwise."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.exact import Exact, exact_product, exact_quotient, exact_sum
from services.mcp.tools.pure.calculate.intervals import Interval, UnaryOperation
from services.mcp.tools.pure.calculate.tape import Approximate, BinaryStep, Tape, UnaryStep, Value

ZERO = Fraction(0)
ONE = Fraction(1)


class Algebra:
    """The four operations, order and rounding to integers. Every method raises ToolError, none changes its operands."""

    def __init__(self) -> None:
        self.tape = Tape()

    def add(self, left: Value, right: Value) -> Value:
        if left == ZERO or right == ZERO:
            return right if left == ZERO else left
        exact = _both_exact(exact_sum, left, right)
        return self.tape.record(BinaryStep("add", left, right)) if exact is None else exact

    def negate(self, value: Value) -> Value:
        return self.multiply(-ONE, value)

    def subtract(self, left: Value, right: Value) -> Value:
        return ZERO if left == right else self.add(left, self.negate(right))

    def multiply(self, left: Value, right: Value) -> Value:
        if ZERO in (left, right):
            return ZERO
        if left == ONE or right == ONE:
            return right if left == ONE else left
        exact = _both_exact(exact_product, left, right)
        return self.tape.record(BinaryStep("multiply", left, right)) if exact is None else exact

    def divide(self, left: Value, right: Value) -> Value:
        if right == ZERO:
            raise ToolError("division_by_zero", "division by zero")
        if left == ZERO or right == ONE:
            return left
        exact = _both_exact(exact_quotient, left, right)
        return self.tape.record(BinaryStep("divide", left, right)) if exact is None else exact

    def apply(self, operation: UnaryOperation, value: Value) -> Value:
        """Record an operation that has no exact form."""
        return self.tape.record(UnaryStep(operation, value))

    def floor(self, value: Value) -> Fraction:
        if isinstance(value, Fraction):
            return Fraction(floor(value))
        return Fraction(self.tape.decide(value, _common_floor))

    def ceiling(self, value: Value) -> Fraction:
        return Fraction(ceil(value)) if isinstance(value, Fraction) else self.floor(value) + 1

    def floor_divide(self, left: Value, right: Value) -> Fraction:
        return self.floor(self.divide(left, right))

    def remainder(self, left: Value, right: Value) -> Value:
        """left - right * floor(left / right): the sign of the right side."""
        return self.subtract(left, self.multiply(right, self.floor_divide(left, right)))

    def sign(self, value: Value) -> int:
        return self.tape.sign(value)

    def absolute(self, value: Value) -> Value:
        return self.negate(value) if self.sign(value) < 0 else value

    def less(self, left: Value, right: Value) -> bool:
        return self.sign(self.subtract(left, right)) < 0


def _both_exact(operation: Callable[[Exact, Exact], Exact | None], left: Value, right: Value) -> Exact | None:
    if isinstance(left, Approximate) or isinstance(right, Approximate):
        return None
    return operation(left, right)


def _common_floor(interval: Interval) -> int | None:
    low, high = floor(interval.low), floor(interval.high)
    return low if low == high else None
