"""Tokens to the typed tree, by recursive descent with a nesting limit.

equation = sum [ "=" sum ]                 only where variables are allowed
sum      = product { ("+" | "-") product }
product  = signed { ("*" | "/" | "//" | "mod" | "%" | "of") signed | juxtaposed }
juxtaposed = power                         2x, 3(x+1), (x+1)(x-1): only where variables are allowed
signed   = { "+" | "-" } power
power    = postfix [ "^" signed ]          right to left, so -2^2 is -(2^2)
postfix  = atom { "!" | "%" | "°" | "²" | "³" }
atom     = number | constant | variable | name "(" sum { separator sum } ")" | "√" postfix | "(" sum ")"
"""

from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.cursor import Cursor
from services.mcp.tools.pure.calculate.limits import MAX_ARGUMENTS, exceeded
from services.mcp.tools.pure.calculate.numerals import number_style, numeral_value
from services.mcp.tools.pure.calculate.tokens import tokenise
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

_PRODUCT_OPERATORS: dict[str, Operator] = {"*": "*", "/": "/", "//": "//", "mod": "mod", "%": "mod"}
_POSTFIX = {"!": "!", "%": "%", "°": "deg", "deg": "deg"}
_SUPERSCRIPTS = {"\u00b2": 2, "\u00b3": 3}
_AFTER_OPERAND = frozenset({"of", "mod", "deg"})
_RESERVED = _AFTER_OPERAND | {"pi", "e"}


@dataclass(frozen=True, slots=True)
class Equation:
    """left = right, or an expression where `right` is None."""

    left: Node
    right: Node | None


def parse(expression: str, functions: frozenset[str]) -> Node:
    """Tree of an expression whose function names are all in `functions`. Raises ToolError."""
    return _Parser(expression, functions, frozenset()).whole().left


def parse_equation(text: str, functions: frozenset[str], variables: frozenset[str]) -> Equation:
    """Tree of an expression or an equation in some of the `variables`. Raises ToolError."""
    return _Parser(text, functions, variables).whole()


class _Parser:
    def __init__(self, expression: str, functions: frozenset[str], variables: frozenset[str]) -> None:
        tokens = tokenise(expression)
        self._at = Cursor(tokens)
        self._functions = functions
        self._variables = variables
        numerals = [token.text for token in tokens if token.kind == "number"]
        self._style = number_style(numerals, german_words="von" in expression.lower())

    def whole(self) -> Equation:
        left, right = self._sum(), None
        if self._variables and self._at.next.text == "=":
            self._at.take()
            right = self._sum()
        if self._at.next.kind != "end":
            raise self._at.unexpected()
        return Equation(left, right)

    def _sum(self) -> Node:
        self._at.enter()
        first = self._product()
        rest: list[tuple[Operator, Node]] = []
        while self._at.next.text in ("+", "-"):
            operator: Operator = "+" if self._at.take().text == "+" else "-"
            rest.append((operator, self._product()))
        self._at.leave()
        return Chain(first, tuple(rest)) if rest else first

    def _product(self) -> Node:
        first = self._signed()
        rest: list[tuple[Operator, Node]] = []
        while (operator := self._product_operator(*(rest[-1] if rest else ("*", first)))) is not None:
            rest.append((operator, self._signed()))
        return Chain(first, tuple(rest)) if rest else first

    def _product_operator(self, last: Operator, left: Node) -> Operator | None:
        if self._at.next.text == "of":
            if not is_percentage(left):
                raise self._at.unexpected(", 'of' stands only after a percentage")
            self._at.take()
            return "of"
        operator = _PRODUCT_OPERATORS.get(self._at.next.text)
        if operator is not None:
            self._at.take()
            return operator
        return "*" if self._is_juxtaposed(last, left) else None

    def _is_juxtaposed(self, last: Operator, left: Node) -> bool:
        """Whether a factor follows without a sign, as in 2x. Raises ToolError if two readings remain."""
        follower, before = self._at.next, self._at.before()
        begins = follower.text in ("(", "√") or (follower.kind == "name" and follower.text not in _AFTER_OPERAND)
        if not (self._variables and begins):
            return False
        if last not in ("*", "of"):
            raise ToolError("ambiguous", "1/2x may be (1/2)x or 1/(2x): use parentheses, or * between factors")
        bare = before.text != ")" and before.text not in _SUPERSCRIPTS and before.end == follower.start
        if isinstance(left, Power) and bare:
            raise ToolError("ambiguous", "2^3x may be (2^3)x or 2^(3x): use parentheses, or * between factors")
        return True

    def _signed(self) -> Node:
        negative = False
        while self._at.next.text in ("+", "-"):
            negative ^= self._at.take().text == "-"
        operand = self._power()
        return Negate(operand) if negative else operand

    def _power(self) -> Node:
        base = self._postfix()
        if self._at.next.text != "^":
            return base
        self._at.take()
        self._at.enter()
        exponent = self._signed()
        self._at.leave()
        return Power(base, exponent)

    def _postfix(self) -> Node:
        node = self._atom()
        applied = ""
        while (operator := self._postfix_operator()) is not None:
            if applied:
                raise self._at.unexpected(f", one of {applied!a} and {operator!a} is enough: use parentheses")
            applied = self._at.take().text
            superscript = _SUPERSCRIPTS.get(operator)
            node = Power(node, Number(Fraction(superscript))) if superscript else _postfix_node(operator, node)
        return node

    def _postfix_operator(self) -> str | None:
        text = self._at.next.text
        if text == "%":
            return "%" if self._percent_sign() else None
        return text if text in _POSTFIX or text in _SUPERSCRIPTS else None

    def _percent_sign(self) -> bool:
        """Whether `%` means percent, not remainder: nothing that begins an operand follows it."""
        follower = self._at.after(1)
        after = self._at.after(2)
        if follower.text in ("+", "-"):
            if after.start == follower.end:
                raise ToolError("ambiguous", "after '%' a sign may be an operator: write 'mod (-3)' or '% - 3'")
            return True
        begins_operand = follower.kind == "number" or follower.text in ("(", "√")
        return not (begins_operand or (follower.kind == "name" and follower.text not in _AFTER_OPERAND))

    def _atom(self) -> Node:
        if self._at.next.kind == "number":
            return Number(numeral_value(self._at.take().text, self._style))
        if self._at.next.kind == "name":
            return self._named()
        if self._at.next.text == "√":
            self._at.take()
            self._at.enter()
            operand = self._postfix()
            self._at.leave()
            return Call("sqrt", (operand,))
        self._at.expect("(")
        inner = self._sum()
        self._at.expect(")")
        return inner

    def _named(self) -> Node:
        name = self._at.next.text
        if name == "pi":
            self._at.take()
            return Constant("pi")
        if name == "e":
            self._at.take()
            return Constant("e")
        if name in self._variables:
            self._at.take()
            return Variable(name)
        if name in _RESERVED:
            raise self._at.unexpected()
        if name not in self._functions:
            raise ToolError(
                "invalid_argument", f"the name {name[:20]!r} is not one of {_listed(self._functions | self._variables)}"
            )
        self._at.take()
        return Call(name, self._arguments(name))

    def _arguments(self, name: str) -> tuple[Node, ...]:
        self._at.expect("(")
        arguments, separator = [self._sum()], ""
        while self._at.next.text in (",", ";"):
            separator = self._at.take().text
            arguments.append(self._sum())
            if len(arguments) > MAX_ARGUMENTS:
                raise exceeded("function arguments", MAX_ARGUMENTS)
        self._at.expect(")")
        if name == "round" and separator == "," and len(arguments) == 2 and all(map(_is_integer, arguments)):
            raise ToolError("ambiguous", "round(2,5) may mean round(2.5): write a point, or ';' between arguments")
        return tuple(arguments)


def _postfix_node(operator: str, operand: Node) -> Postfix:
    if operator == "!":
        return Postfix("!", operand)
    return Postfix("%", operand) if operator == "%" else Postfix("deg", operand)


def _is_integer(node: Node) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1


def _listed(names: frozenset[str]) -> str:
    return ", ".join(("pi", "e", *sorted(names)))
