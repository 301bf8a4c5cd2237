"""A parser of strict JSON that records the position of every value."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

MAX_DEPTH = 100
MAX_DIGITS = 1_000
Place: TypeAlias = tuple[str | int, ...]

_LINE_FEED = re.compile("\n")
_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<float>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_CHUNK = re.compile(r'[^"\\\x00-\x1f]*')
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = re.compile(r"[0-9a-fA-F]{4}")


class WrittenFloat(float):
    """A number with a point or an exponent, and the digits that were written: a double may round them."""

    text: str

    def __new__(cls, text: str) -> "WrittenFloat":
        made = super().__new__(cls, text)
        made.text = text
        return made


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a text is refused, and where: line and column from 1."""

    message: str
    line: int
    column: int


class NotStrict(Exception):
    """A text that is no strict JSON."""

    def __init__(self, text: str, offset: int, message: str) -> None:
        line, column = Lines(text).position(offset)
        super().__init__(f"{message} (line {line}, column {column})")
        self.flaw = Flaw(message, line, column)


class Lines:
    """Turns offsets of a text into lines and columns, both from 1; LF ends a line."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _LINE_FEED.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class Reader:
    """Reads one text once. `places` has the offset of each value by its path from the root."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._way: list[str | int] = []
        self.places: dict[Place, int] = {}

    def read(self) -> JsonValue:
        """Raises NotStrict."""
        value = self._value()
        if self._next():
            raise self._refused("text after the end of the value")
        return value

    def _next(self) -> str:
        """Skip white space and return the next character, "" at the end."""
        self._at = self._skipped(_SPACE)
        return self._text[self._at : self._at + 1]

    def _skipped(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        return found.end() if found else self._at

    def _value(self) -> JsonValue:
        first = self._next()
        self.places[tuple(self._way)] = self._at
        if len(self._way) > MAX_DEPTH:
            raise self._refused(f"nesting: the limit is {MAX_DEPTH}")
        if first == '"':
            return self._string()
        if first == "[":
            return self._array()
        if first == "{":
            return self._object()
        return self._number() if first and first in "-0123456789" else self._word()

    def _array(self) -> JsonValue:
        items: list[JsonValue] = []
        self._at += 1
        while not self._closed("]", first=not items):
            self._way.append(len(items))
            items.append(self._value())
            self._way.pop()
        return items

    def _object(self) -> JsonValue:
        members: dict[str, JsonValue] = {}
        self._at += 1
        while not self._closed("}", first=not members):
            key = self._key(members)
            self._way.append(key)
            members[key] = self._value()
            self._way.pop()
        return members

    def _key(self, members: dict[str, JsonValue]) -> str:
        if self._next() != '"':
            raise self._refused('a key in "double quotes" is missing')
        start = self._at
        key = self._string()
        if key in members:
            raise NotStrict(self._text, start, "a key occurs twice in one object")
        if self._next() != ":":
            raise self._refused("a colon is missing after the key")
        self._at += 1
        return key

    def _closed(self, bracket: str, *, first: bool) -> bool:
        """Take a closing bracket, or the comma before the next item."""
        following = self._next()
        if following == bracket:
            self._at += 1
            return True
        if first:
            return False
        if following != ",":
            raise self._refused(f"a comma or {bracket} is missing")
        self._at += 1
        if self._next() == bracket:
            raise self._refused(f"a comma before {bracket} is not allowed")
        return False

    def _word(self) -> JsonValue:
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return value
        raise self._refused("a value is missing" if not self._next() else "not a JSON value")

    def _number(self) -> JsonValue:
        found = _NUMBER.match(self._text, self._at)
        if found is None:
            raise self._refused("digits are missing after the minus sign")
        if len(found.group()) > MAX_DIGITS:
            raise self._refused(f"digits of a number: the limit is {MAX_DIGITS}")
        if not (found["float"] or found["exponent"]):
            self._at = found.end()
            return int(found.group())
        number = WrittenFloat(found.group())
        if number in (float("inf"), float("-inf")):
            raise self._refused("the number is beyond the range of a double")
        self._at = found.end()
        return number

    def _string(self) -> str:
        self._at += 1
        pieces: list[str] = []
        while True:
            end = self._skipped(_CHUNK)
            pieces.append(self._text[self._at : end])
            self._at = end
            mark = self._text[end : end + 1]
            if mark == '"':
                self._at += 1
                return "".join(pieces)
            if mark != "\\":
                raise self._refused("a control character in a string" if mark else "a string has no end")
            pieces.append(self._escape())

    def _escape(self) -> str:
        letter = self._text[self._at + 1 : self._at + 2]
        if letter != "u":
            if letter not in _ESCAPES:
                raise self._refused("an unknown escape after the backslash")
            self._at += 2
            return _ESCAPES[letter]
        code = self._unit()
        if 0xD800 <= code < 0xDC00 and self._text.startswith("\\u", self._at):
            low = self._unit()
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + (code - 0xD800 << 10) + (low - 0xDC00))
        if 0xD800 <= code < 0xE000:
            raise self._refused("a lone surrogate is no character")
        return chr(code)

    def _unit(self) -> int:
        found = _HEX.match(self._text, self._at + 2)
        if found is None:
            raise self._refused("four hexadecimal digits are missing after \\u")
        self._at += 6
        return int(found.group(), 16)

    def _refused(self, message: str) -> NotStrict:
        return NotStrict(self._text, self._at, message)
