"""Tokens to a tree.

    sum     = product {("+" | "-") product}
    product = amounts {("*" | "/") amounts}
    amounts = group {group}                     5 ft 3 in
    group   = ["-"] power {power}               2 kg m
    power   = (number | name | "(" sum ")") ["^" integer]

What people read in two ways is refused: `J/kg K`, and `1 / 2 m`.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from services.mcp.contract import ToolError
from services.mcp.tools.pure.units.names import Vocabulary
from services.mcp.tools.pure.units.tokens import Token, is_operator_word, tokenise
from services.mcp.tools.pure.units.tree import Group, Mixed, Named, Node, Number, Power, Product, Sum, names_in

MAX_EXPRESSION_CHARS = 300
MAX_EXPONENT = 12
MAX_NAMES = 24
MAX_NESTING = 16

_LONGEST_NAME = 4
_END = Token("end", "")


def parse(text: str, vocabulary: Vocabulary, argument: str) -> Node:
    """Tree of a text. Raises ToolError, which names the argument."""
    alone = text.strip()
    if is_operator_word(alone) and (meaning := vocabulary.find(alone)) is not None:
        return Named(alone, meaning)
    return parse_tokens(tokenise(text, argument), vocabulary, argument)


def parse_tokens(tokens: Sequence[Token], vocabulary: Vocabulary, argument: str) -> Node:
    parser = _Parser(tokens, vocabulary, argument)
    node = parser.sum()
    parser.expect_end()
    if len(names_in(node)) > MAX_NAMES:
        raise ToolError("limit_exceeded", f"{argument}: the limit is {MAX_NAMES} units")
    return node


class _Parser:
    """Walks over the tokens once."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary, argument: str) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary
        self._argument = argument
        self._position = 0
        self._depth = 0

    def expect_end(self) -> None:
        if self._here.kind != "end":
            raise self._unreadable(f"{self._here.text[:20]!a} is not expected here")

    def sum(self) -> Node:
        first = self._product()
        rest: list[tuple[Literal["+", "-"], Node]] = []
        while self._here.kind == "symbol" and self._here.text in ("+", "-"):
            operator: Literal["+", "-"] = "+" if self._take().text == "+" else "-"
            rest.append((operator, self._product()))
        return Sum(first, tuple(rest)) if rest else first

    def _product(self) -> Node:
        first = self._amounts()
        rest: list[tuple[Literal["*", "/"], Node]] = []
        while self._here.kind == "symbol" and self._here.text in ("*", "/"):
            operator: Literal["*", "/"] = "*" if self._take().text == "*" else "/"
            operand = self._amounts()
            if operator == "/":
                self._check_chain(rest, operand)
                self._check_divisor(operand, has_units=bool(names_in(Product(first, tuple(rest)))))
            rest.append((operator, operand))
        return Product(first, tuple(rest)) if rest else first

    def _amounts(self) -> Node:
        groups = [self._group()]
        while self._here.kind == "number":
            groups.append(self._group())
        if len(groups) == 1:
            return groups[0]
        if not all(names_in(group) for group in groups):
            raise ToolError("ambiguous", f"{self._argument}: numbers side by side: write + or * between them")
        return Mixed(tuple(groups))

    def _group(self) -> Group:
        negative = False
        while self._here.kind == "symbol" and self._here.text in ("+", "-"):
            negative ^= self._take().text == "-"
        parts = [self._power()]
        while self._here.kind == "name" or self._here.text == "(":
            parts.append(self._power())
        return Group(tuple(parts), negative)

    def _power(self) -> Node:
        base = self._atom()
        if self._here.kind == "exponent":
            return Power(base, self._checked(self._take().value))
        if self._here.text != "^":
            return base
        self._take()
        sign = -1 if self._here.text == "-" else 1
        if self._here.text in ("+", "-"):
            self._take()
        if self._here.kind != "number":
            raise self._unreadable("an exponent is a whole number")
        return Power(base, self._checked(sign * self._take().value))

    def _atom(self) -> Node:
        token = self._here
        if token.kind == "number":
            return self._number()
        if token.kind == "name":
            return self._name()
        if token.text != "(":
            raise self._unreadable("a number or a unit is missing")
        self._take()
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ToolError("limit_exceeded", f"{self._argument}: the limit is {MAX_NESTING} nested parentheses")
        inner = self.sum()
        if self._here.text != ")":
            raise self._unreadable("a closing parenthesis is missing")
        self._take()
        self._depth -= 1
        return inner

    def _number(self) -> Number:
        """Read a number, or a mixed one such as `1 1/2`."""
        whole = self._take()
        part = self._here
        if part.kind == "number" and "/" in part.text and whole.text.isdigit() and 0 < part.value < 1:
            return Number(whole.value + self._take().value)
        return Number(whole.value)

    def _name(self) -> Named:
        """Read the longest run of words that is a name: `us gallon`, `square meter`, `light year`."""
        words = []
        for token in self._tokens[self._position : self._position + _LONGEST_NAME]:
            if token.kind != "name":
                break
            words.append(token.text)
        for length in range(len(words), 1, -1):
            written = " ".join(words[:length])
            if meaning := self._vocabulary.find(written):
                self._position += length
                return Named(written, meaning)
        self._position += 1
        return Named(words[0], self._vocabulary.require(words[0], self._argument))

    def _check_divisor(self, operand: Node, *, has_units: bool) -> None:
        if not isinstance(operand, Group) or len(operand.parts) == 1:
            return
        numbers = isinstance(operand.parts[0], Number)
        if len(operand.parts) > 1 + numbers or (numbers and not has_units):
            raise ToolError("ambiguous", f"{self._argument}: what is divided by? use parentheses, such as J/(kg K)")

    def _check_chain(self, before: Sequence[tuple[str, Node]], operand: Node) -> None:
        """Reject `1 GB / 100 Mbit/s`: the user hardly means (1 GB / 100 Mbit) / s."""
        if not before or before[-1][0] != "/" or not isinstance(operand, Group):
            return
        earlier = before[-1][1]
        amount = isinstance(earlier, Group) and len(earlier.parts) > 1 and isinstance(earlier.parts[0], Number)
        if amount and not isinstance(operand.parts[0], Number):
            raise ToolError("ambiguous", f"{self._argument}: what is divided by? use parentheses, such as (100 Mbit/s)")

    def _checked(self, exponent: Fraction) -> int:
        if exponent.denominator != 1:
            raise self._unreadable("an exponent is a whole number")
        if abs(exponent) > MAX_EXPONENT:
            raise ToolError("limit_exceeded", f"{self._argument}: the limit of an exponent is {MAX_EXPONENT}")
        return int(exponent)

    @property
    def _here(self) -> Token:
        return self._tokens[self._position] if self._position < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._here
        self._position += 1
        return token

    def _unreadable(self, why: str) -> ToolError:
        return ToolError("invalid_argument", f"{self._argument}: {why}")
