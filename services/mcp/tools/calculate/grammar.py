"""Tokens to the typed tree, by recursive descent with a nesting limit.

sum      = product { ("+" | "-") product }
product  = signed { ("*" | "/" | "//" | "mod" | "%" | "of") signed }
signed   = { "+" | "-" } power
power    = postfix [ "^" signed ]          right to left, so -2^2 is -(2^2)
postfix  = atom { "!" | "%" | "°" | "²" | "³" }
atom     = number | constant | name "(" sum { separator sum } ")" | "√" postfix | "(" sum ")"
"""

from fractions import Fraction

from services.mcp.tools.calculate.limits import MAX_ARGUMENTS, MAX_NESTING, exceeded
from services.mcp.tools.calculate.numerals import number_style, numeral_value
from services.mcp.tools.calculate.tokens import Token, tokenise
from services.mcp.tools.calculate.tree import (
    Call,
    Chain,
    Constant,
    Negate,
    Node,
    Number,
    Operator,
    Postfix,
    Power,
    is_percentage,
)
from services.mcp.tools.contract import ToolError

_PRODUCT_OPERATORS: dict[str, Operator] = {"*": "*", "/": "/", "//": "//", "mod": "mod", "%": "mod"}
_POSTFIX = {"!": "!", "%": "%", "°": "deg", "deg": "deg"}
_SUPERSCRIPTS = {"\u00b2": 2, "\u00b3": 3}
_RESERVED = frozenset({"of", "mod", "deg", "pi", "e"})


def parse(expression: str, functions: frozenset[str]) -> Node:
    """Return the tree of an expression whose function names are all in `functions`. Raises ToolError."""
    parser = _Parser(expression, functions)
    return parser.whole()


class _Parser:
    def __init__(self, expression: str, functions: frozenset[str]) -> None:
        self._tokens = tokenise(expression)
        self._position = 0
        self._nesting = -1  # the outermost sum is level 0
        self._functions = functions
        numerals = [token.text for token in self._tokens if token.kind == "number"]
        self._style = number_style(numerals, german_words="von" in expression.lower())

    def whole(self) -> Node:
        tree = self._sum()
        if self._next.kind != "end":
            raise self._unexpected()
        return tree

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self._next
        self._position += 1
        return token

    def _expect(self, text: str) -> None:
        if self._next.text != text:
            raise self._unexpected(f", expected {text!r}")
        self._position += 1

    def _unexpected(self, hint: str = "") -> ToolError:
        token = self._next
        found = "the end" if token.kind == "end" else f"{token.text[:20]!a} at character {token.start + 1}"
        return ToolError("invalid_argument", f"unexpected {found}{hint}")

    def _enter(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise exceeded("nesting", MAX_NESTING)

    def _leave(self) -> None:
        self._nesting -= 1

    def _sum(self) -> Node:
        self._enter()
        first = self._product()
        rest: list[tuple[Operator, Node]] = []
        while self._next.text in ("+", "-"):
            operator: Operator = "+" if self._take().text == "+" else "-"
            rest.append((operator, self._product()))
        self._leave()
        return Chain(first, tuple(rest)) if rest else first

    def _product(self) -> Node:
        first = self._signed()
        rest: list[tuple[Operator, Node]] = []
        while (operator := self._product_operator(first if not rest else rest[-1][1])) is not None:
            rest.append((operator, self._signed()))
        return Chain(first, tuple(rest)) if rest else first

    def _product_operator(self, left: Node) -> Operator | None:
        if self._next.text == "of":
            if not is_percentage(left):
                raise self._unexpected(", 'of' stands only after a percentage")
            self._position += 1
            return "of"
        operator = _PRODUCT_OPERATORS.get(self._next.text)
        if operator is not None:
            self._position += 1
        return operator

    def _signed(self) -> Node:
        negative = False
        while self._next.text in ("+", "-"):
            negative ^= self._take().text == "-"
        operand = self._power()
        return Negate(operand) if negative else operand

    def _power(self) -> Node:
        base = self._postfix()
        if self._next.text != "^":
            return base
        self._position += 1
        self._enter()
        exponent = self._signed()
        self._leave()
        return Power(base, exponent)

    def _postfix(self) -> Node:
        node = self._atom()
        applied = ""
        while (operator := self._postfix_operator()) is not None:
            if applied:
                raise self._unexpected(f", one of {applied!a} and {operator!a} is enough: use parentheses")
            applied = self._take().text
            superscript = _SUPERSCRIPTS.get(operator)
            node = Power(node, Number(Fraction(superscript))) if superscript else _postfix_node(operator, node)
        return node

    def _postfix_operator(self) -> str | None:
        text = self._next.text
        if text == "%":
            return "%" if self._percent_sign() else None
        return text if text in _POSTFIX or text in _SUPERSCRIPTS else None

    def _percent_sign(self) -> bool:
        """Return whether `%` means percent, not remainder: nothing that begins an operand follows it."""
        follower = self._tokens[self._position + 1]
        after = self._tokens[min(self._position + 2, len(self._tokens) - 1)]
        if follower.text in ("+", "-"):
            if after.start == follower.end:
                raise ToolError("ambiguous", "after '%' a sign may be an operator: write 'mod (-3)' or '% - 3'")
            return True
        begins_operand = follower.kind == "number" or follower.text in ("(", "√")
        return not (begins_operand or (follower.kind == "name" and follower.text not in ("of", "mod", "deg")))

    def _atom(self) -> Node:
        if self._next.kind == "number":
            return Number(numeral_value(self._take().text, self._style))
        if self._next.kind == "name":
            return self._named()
        if self._next.text == "√":
            self._position += 1
            self._enter()
            operand = self._postfix()
            self._leave()
            return Call("sqrt", (operand,))
        self._expect("(")
        inner = self._sum()
        self._expect(")")
        return inner

    def _named(self) -> Node:
        name = self._next.text
        if name == "pi":
            self._position += 1
            return Constant("pi")
        if name == "e":
            self._position += 1
            return Constant("e")
        if name in _RESERVED:
            raise self._unexpected()
        if name not in self._functions:
            raise ToolError("invalid_argument", f"the name {name[:20]!r} is not one of {_listed(self._functions)}")
        self._position += 1
        arguments = self._arguments()
        if name == "round" and len(arguments) == 2 and all(_is_integer(argument) for argument in arguments):
            raise ToolError("ambiguous", "round(2,5) may mean round(2.5): write a point, or ';' between arguments")
        return Call(name, arguments)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        arguments = [self._sum()]
        while self._next.text in (",", ";"):
            self._position += 1
            arguments.append(self._sum())
            if len(arguments) > MAX_ARGUMENTS:
                raise exceeded("function arguments", MAX_ARGUMENTS)
        self._expect(")")
        return tuple(arguments)


def _postfix_node(operator: str, operand: Node) -> Postfix:
    if operator == "!":
        return Postfix("!", operand)
    return Postfix("%", operand) if operator == "%" else Postfix("deg", operand)


def _is_integer(node: Node) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1


def _listed(functions: frozenset[str]) -> str:
    return ", ".join(("pi", "e", *sorted(functions)))
