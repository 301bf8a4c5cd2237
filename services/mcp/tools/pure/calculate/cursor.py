"""The parser's place in the tokens, and how deep it is."""

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.limits import MAX_NESTING, exceeded
from services.mcp.tools.pure.calculate.tokens import Token


class Cursor:
    """Walks over tokens that end with one of kind `end`."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._position = 0
        self._nesting = -1  # the outermost sum is level 0

    @property
    def next(self) -> Token:
        return self._tokens[self._position]

    def after(self, steps: int) -> Token:
        """Token `steps` ahead, or the end."""
        return self._tokens[min(self._position + steps, len(self._tokens) - 1)]

    def before(self) -> Token:
        """Last consumed token."""
        return self._tokens[self._position - 1]

    def take(self) -> Token:
        token = self.next
        self._position += 1
        return token

    def expect(self, text: str) -> None:
        if self.next.text != text:
            raise self.unexpected(f", expected {text!r}")
        self._position += 1

    def unexpected(self, hint: str = "") -> ToolError:
        """Error for the next token."""
        token = self.next
        found = "the end" if token.kind == "end" else f"{token.text[:20]!a} at character {token.start + 1}"
        return ToolError("invalid_argument", f"unexpected {found}{hint}")

    def enter(self) -> None:
        """Go one level down. Raises ToolError(limit_exceeded)."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise exceeded("nesting", MAX_NESTING)

    def leave(self) -> None:
        self._nesting -= 1
