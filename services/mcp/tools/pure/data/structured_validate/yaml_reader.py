"""YAML read event by event: one document, the JSON-compatible part of YAML 1.2's core schema."""

import re
from typing import Protocol, TypeAlias

import yaml
from pydantic import JsonValue

from services.mcp.tools.pure.data.json_reader import MAX_DEPTH, MAX_DIGITS, Place, WrittenFloat
from services.mcp.tools.pure.data.structured_validate.document import (
    Broken,
    Diagnostic,
    Document,
    Position,
    finding,
    not_read,
)

RULE = (
    "YAML 1.2 core schema by libyaml, keys unique; not read, so neither valid nor invalid: anchors, aliases, tags, "
    "merge keys, several documents, keys that are no scalars, infinite numbers; warned of: what YAML 1.1 reads "
    "otherwise"
)
Container: TypeAlias = list[JsonValue] | dict[str, JsonValue]

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_OTHERWISE_IN_1_1 = re.compile(
    r"y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|[-+]?0[0-9_]+|0o[0-7]+|="
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|\d{4}-\d\d?-\d\d?(([Tt]|[ \t]+)[0-9].*)?|[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*([eE][-+][0-9]+)?)?"
    r"|[-+]?[0-9]+\.[0-9]*_[0-9_]*([eE][-+][0-9]+)?|\.[0-9]+_[0-9_]*([eE][-+][0-9]+)?"
    r"|[-+]?0b[01_]+|[-+]0x[0-9a-fA-F_]+|0x[0-9a-fA-F_]*_[0-9a-fA-F_]*"
)


def read_yaml(text: str) -> Document:
    """Raises Broken at the first error, ToolError at unsupported input."""
    reader = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        raise Broken("syntax", str(error.problem or "not YAML")[:100], _position(error.problem_mark)) from error
    except yaml.YAMLError as error:
        raise Broken("syntax", "a character that YAML does not allow", None) from error
    return reader.document()


class _Builder:
    """Builds the value from events with a stack of its own: depth costs no recursion."""

    def __init__(self) -> None:
        self._open: list[Container] = []
        self._way: list[str | int] = []
        self._key: str | None = None
        self._root: list[JsonValue] = []
        self._places: dict[Place, Position] = {}
        self._warnings: list[Diagnostic] = []
        self._documents = 0

    def document(self) -> Document:
        if not self._root:
            raise Broken("empty", "there is no document", None)
        return Document(self._root[0], True, self._places, tuple(self._warnings), len(self._places))

    def take(self, event: yaml.Event) -> None:
        position = _position(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self._count_document(event, position)
        elif isinstance(event, yaml.AliasEvent):
            raise not_read("aliases (*name) are not read: write the value out", position)
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, position)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._after_value()

    def _count_document(self, event: yaml.DocumentStartEvent, position: Position) -> None:
        self._documents += 1
        if self._documents > 1:
            raise not_read("there is more than one document, and one is read", position)
        if event.tags:
            raise not_read("%TAG directives are not read", position)

    def _node(self, event: yaml.NodeEvent, position: Position) -> None:
        if event.anchor is not None:
            raise not_read("anchors (&name) are not read", position)
        if getattr(event, "tag", None) is not None:
            raise not_read("tags (!name) are not read", position)
        if self._open and isinstance(self._open[-1], dict) and self._key is None:
            self._take_key(event, position)
        elif isinstance(event, yaml.ScalarEvent):
            self._place(self._scalar(event, position), position)
            self._after_value()
        else:
            self._enter([] if isinstance(event, yaml.SequenceStartEvent) else {}, position)

    def _take_key(self, event: yaml.NodeEvent, position: Position) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise not_read("keys that are collections are not read", position)
        if event.value == "<<" and event.implicit[0]:
            raise not_read("merge keys (<<) are not read", position)
        if event.value in self._open[-1]:
            raise Broken("duplicate_key", "a key occurs twice in one mapping", position)
        self._key = event.value
        self._way.append(event.value)

    def _enter(self, container: Container, position: Position) -> None:
        self._place(container, position)
        self._open.append(container)
        if len(self._open) > MAX_DEPTH:
            raise not_read(f"nesting: the limit is {MAX_DEPTH}", position, "limit_exceeded")
        self._key = None

    def _place(self, value: JsonValue, position: Position) -> None:
        parent = self._open[-1] if self._open else self._root
        if isinstance(parent, dict):
            parent[self._key or ""] = value
        else:
            if self._open:
                self._way.append(len(parent))
            parent.append(value)
        self._places[tuple(self._way)] = position

    def _after_value(self) -> None:
        self._key = None
        if self._way:
            self._way.pop()

    def _scalar(self, event: yaml.ScalarEvent, position: Position) -> JsonValue:
        text = event.value
        if not event.implicit[0]:
            return text
        if _OTHERWISE_IN_1_1.fullmatch(text):
            message = "YAML 1.1 reads this scalar otherwise: put it in quotes if it is a text"
            self._warnings.append(finding("warning", "ambiguous_scalar", message, position))
        if len(text) <= MAX_DIGITS:
            return _resolved(text, position)
        return text


def _resolved(text: str, position: Position) -> JsonValue:
    if _NULL.fullmatch(text):
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _PREFIXED.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    if _INFINITE.fullmatch(text):
        raise not_read("infinite numbers and not-a-number are not read, they are no JSON values", position)
    return _number(text, position) if _FLOAT.fullmatch(text) else text


def _number(text: str, position: Position) -> JsonValue:
    number = float(text)
    if abs(number) == float("inf"):
        raise not_read("numbers beyond the range of a double are not read", position)
    return WrittenFloat(repr(number))


class _Mark(Protocol):
    """A place in the text, counted from 0."""

    line: int
    column: int


def _position(mark: _Mark | None) -> Position:
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
