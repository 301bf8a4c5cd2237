"""From the tree to a value, and the rules that it depends on. The depth is that of the tree, which is bounded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.algebra import ONE, ZERO, Algebra
from services.mcp.tools.pure.calculate.exact import PiMultiple
from services.mcp.tools.pure.calculate.functions import FUNCTIONS, checked_factorial
from services.mcp.tools.pure.calculate.powers import exponential, power
from services.mcp.tools.pure.calculate.rules import RuleName
from services.mcp.tools.pure.calculate.tape import Tape, Value
from services.mcp.tools.pure.calculate.tree import (
    Call,
    Chain,
    Constant,
    Negate,
    Node,
    Number,
    Operator,
    Postfix,
    Power,
    Variable,
    is_percentage,
)

_PERCENT = Fraction(1, 100)
_DEGREE = PiMultiple(Fraction(1, 180))
_OPERATIONS: Mapping[Operator, Callable[[Algebra, Value, Value], Value]] = {
    "+": Algebra.add,
    "-": Algebra.subtract,
    "*": Algebra.multiply,
    "of": Algebra.multiply,
    "/": Algebra.divide,
    "//": Algebra.floor_divide,
    "mod": Algebra.remainder,
}
_OPERATOR_RULES: Mapping[Operator, RuleName] = {"//": "floor_division", "mod": "remainder"}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value with the tape it refers to."""

    value: Value
    tape: Tape
    rules: tuple[RuleName, ...]


def evaluate(tree: Node) -> Evaluation:
    """Value of an expression. Raises ToolError."""
    evaluator = _Evaluator(Algebra())
    value = evaluator.value(tree)
    return Evaluation(value, evaluator.algebra.tape, tuple(evaluator.rules))


def evaluate_with(algebra: Algebra, tree: Node) -> Value:
    """Value of an expression on the tape of an algebra that other values share. Raises ToolError."""
    return _Evaluator(algebra).value(tree)


class _Evaluator:
    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.rules: dict[RuleName, None] = {}

    def value(self, node: Node) -> Value:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Chain):
            return self._chain(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Power):
            return self._power(node)
        if isinstance(node, Constant):
            return PiMultiple(ONE) if node.name == "pi" else exponential(self.algebra, ONE)
        if isinstance(node, Variable):
            raise ToolError("invalid_argument", f"the name {node.name[:20]!r} has no value")
        return self._sign_or_postfix(node)

    def _note(self, rule: RuleName | None) -> None:
        if rule is not None:
            self.rules[rule] = None

    def _chain(self, node: Chain) -> Value:
        total = self.value(node.first)
        left_is_percentage = is_percentage(node.first)
        for operator, operand in node.rest:
            value = self.value(operand)
            relative = operator in ("+", "-") and is_percentage(operand) and not left_is_percentage
            if relative:
                self._note("percent_of_left")
                value = self.algebra.multiply(total, value)
            self._note(_OPERATOR_RULES.get(operator))
            total = _OPERATIONS[operator](self.algebra, total, value)
            left_is_percentage = left_is_percentage and is_percentage(operand)
        return total

    def _call(self, node: Call) -> Value:
        function = FUNCTIONS[node.name]
        if not function.least <= len(node.arguments) <= function.most:
            expected = str(function.least) if function.least == function.most else f"{function.least}-{function.most}"
            raise ToolError("invalid_argument", f"{node.name} takes {expected} argument(s); ',' and ';' separate them")
        arguments = tuple([self.value(argument) for argument in node.arguments])
        in_turns = any(isinstance(value, PiMultiple) for value in arguments)
        if len(arguments) <= function.rule_up_to and not (function.rule == "radians" and in_turns):
            self._note(function.rule)
        return function.run(self.algebra, arguments)

    def _power(self, node: Power) -> Value:
        base, exponent = self.value(node.base), self.value(node.exponent)
        if base == ZERO and exponent == ZERO:
            self._note("zero_to_zero")
        return power(self.algebra, base, exponent)

    def _sign_or_postfix(self, node: Negate | Postfix) -> Value:
        operand = self.value(node.operand)
        if isinstance(node, Negate):
            self._note("minus_before_power" if isinstance(node.operand, Power) else None)
            return self.algebra.negate(operand)
        if node.operator == "!":
            return checked_factorial(operand)
        return self.algebra.multiply(operand, _PERCENT if node.operator == "%" else _DEGREE)
