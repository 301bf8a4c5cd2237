"""Checks that tokens form one complete calculation, in a single pass with an explicit stack."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.planner.recogniser.tokens import Token

_BEFORE_SIGN = ("", "(", "^", "*", "/", ",", ";")


@dataclass(slots=True)
class _Reader:
    """`operand`: an operand is expected next. `open` holds one flag per parenthesis: True after a function name."""

    operand: bool = True
    open: list[bool] = field(default_factory=list)
    last: str = ""

    def accepts(self, token: Token) -> bool:
        accepted = self._operand(token) if self.operand else self._after_operand(token)
        self.last = token.text
        return accepted

    def _operand(self, token: Token) -> bool:
        if token.kind in ("number", "constant"):
            self.operand = False
            return not self._called()
        if token.text == "(":
            self.open.append(self._called())
            return True
        if token.text == "-":
            return self.last in _BEFORE_SIGN
        return not self._called() and (token.kind == "name" or token.text == "√")

    def _called(self) -> bool:
        """True after a function name, which requires a parenthesis."""
        return self.last.isalnum() and self.last[0].isalpha() and self.last not in ("mod", "of", "von", "x")

    def _after_operand(self, token: Token) -> bool:
        if token.kind == "postfix":
            return self.last not in ("%", "!", "°", "²", "³")
        if token.text == ")":
            return bool(self.open) and self.open.pop() in (True, False)
        self.operand = True
        if token.text in (",", ";"):
            return bool(self.open) and self.open[-1]
        return self.last == "%" if token.kind == "of" else token.kind == "binary"


def is_sign(tokens: Sequence[Token], place: int) -> bool:
    """True if the token is the sign of a number, not a subtraction."""
    return tokens[place].text == "-" and (place == 0 or tokens[place - 1].text in _BEFORE_SIGN)


def is_calculation(tokens: Sequence[Token]) -> bool:
    """True if the tokens are one complete expression."""
    reader = _Reader()
    return all([reader.accepts(token) for token in tokens]) and not reader.operand and not reader.open
