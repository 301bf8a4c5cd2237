"""Implicit multiplication, `2x` and `(x+1)(x-1)`: adjacent factors without a sign."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.planner.recogniser.tokens import FUNCTIONS

_OF_NUMBERS = {"round", "floor", "ceil", "min", "max", "gcd", "lcm"}
NAMES_OF_FUNCTIONS = (FUNCTIONS | {"asin", "acos", "atan", "sinh", "cosh", "tanh"}) - _OF_NUMBERS
GAP = " "  # x^3 sin(x): between a value and a separate function
SUPERSCRIPTS = {"²": "^2", "³": "^3", "⁴": "^4", "⁵": "^5", "⁶": "^6"}
_CLOSED = frozenset({")", *SUPERSCRIPTS})  # an exponent always ends here


@dataclass(frozen=True, slots=True, kw_only=True)
class _Product:
    """The current product: whether its last sign is `/`, and whether its last factor is a power."""

    divided: bool = False
    raised: bool = False

    def followed_by(self, token: str, *, is_sign: bool) -> "_Product":
        if token == "^":
            return _Product(divided=self.divided, raised=True)
        begins_anew = token in ("*", "/", "=") or (token in ("+", "-") and not is_sign)
        return _Product(divided=token == "/") if begins_anew else self

    def has_two_readings_after(self, end: str) -> bool:
        """True if a factor without a sign may belong to the divisor, or to an exponent without brackets."""
        return self.divided or (self.raised and end not in _CLOSED)


def multiplied(tokens: Sequence[str]) -> list[str] | None:
    """The tokens with every `*`; None for 1/2x and 2^3x, whose divisor or exponent is ambiguous and which tools
    reject."""
    made: list[str] = []
    products = [_Product()]  # the current one, inside its enclosing ones
    for token in tokens:
        if token == GAP:
            products[-1] = _Product(divided=products[-1].divided)
            continue
        if made and is_value_end(made[-1]) and is_value_start(token):
            if products[-1].has_two_readings_after(made[-1]):
                return None
            products[-1] = _Product()
            made.append("*")
        products[-1] = products[-1].followed_by(token, is_sign=not (made and is_value_end(made[-1])))
        if token == "(":
            products.append(_Product())
        elif token == ")":
            products.pop()
        made.append(token)
    return made


def is_value_end(token: str) -> bool:
    return token in _CLOSED or token[:1].isdecimal() or (token.isalpha() and token not in NAMES_OF_FUNCTIONS)


def is_value_start(token: str) -> bool:
    return token == "(" or token[:1].isdecimal() or token[:1].isalpha()
