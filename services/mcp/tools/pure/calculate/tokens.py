"""Text to tokens, in one pass. What is not in the alphabet is refused here, before anything is computed."""

import re
from dataclasses import dataclass
from typing import Literal

from services.mcp.contract import ToolError

TokenKind = Literal["number", "name", "symbol", "end"]

_GROUP = "'\u2019_\u00a0\u202f\u2009"
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(rf"(?:\d+(?:[.,{_GROUP}]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NUMBER_IN_CALL = re.compile(rf"(?:\d+(?:[.{_GROUP}]\d+)*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*|π", re.ASCII)
_SYMBOL = re.compile("\\*\\*|//|[-+*/^!%(),;=°√²³\u00d7·⋅∙÷\u2212\u2013]")
_MEANING = {
    "**": "^",
    "\u00d7": "*",  # multiplication sign
    "·": "*",
    "⋅": "*",
    "∙": "*",
    "÷": "/",
    "\u2212": "-",  # minus sign
    "\u2013": "-",  # en dash
}
_OPERATORS = frozenset({"of", "mod"})
_NAMES = {"π": "pi", "degrees": "deg", "degree": "deg", "von": "of"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `text` is its meaning; `start` and `end` are character positions in the expression."""

    kind: TokenKind
    text: str
    start: int
    end: int


def tokenise(expression: str) -> tuple[Token, ...]:
    """Tokens, closed by one of kind `end`. Raises ToolError at the first character without a meaning.

    Between the parentheses of a function a comma separates arguments, unless the expression uses `;` for that.
    """
    tokens: list[Token] = []
    calls: list[bool] = []
    commas_separate = ";" not in expression
    position = 0
    while position < len(expression):
        if space := _SPACE.match(expression, position):
            position = space.end()
            continue
        in_call = commas_separate and bool(calls) and calls[-1]
        token = _next_token(expression, position, in_call=in_call)
        _track(calls, tokens, token)
        tokens.append(token)
        position = token.end
    return (*tokens, Token("end", "", position, position))


def _next_token(expression: str, start: int, *, in_call: bool) -> Token:
    if found := (_NUMBER_IN_CALL if in_call else _NUMBER).match(expression, start):
        return Token("number", found.group(), start, found.end())
    if found := _NAME.match(expression, start):
        name = found.group().lower()
        return Token("name", _NAMES.get(name, name), start, found.end())
    if found := _SYMBOL.match(expression, start):
        return Token("symbol", _MEANING.get(found.group(), found.group()), start, found.end())
    raise ToolError("invalid_argument", f"character {start + 1} ({expression[start]!a}) has no meaning here")


def _track(calls: list[bool], before: list[Token], token: Token) -> None:
    """Remember for each open parenthesis whether it belongs to a function."""
    if token.text == "(":
        calls.append(bool(before) and before[-1].kind == "name" and before[-1].text not in _OPERATORS)
    elif token.text == ")" and calls:
        calls.pop()
