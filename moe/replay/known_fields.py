"""Determines the fields that a record must have: those that its code version knew."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pydantic import BaseModel, JsonValue

from libs.contracts.field_revisions import introduced_in
from libs.contracts.message import Message

Told: TypeAlias = tuple[Message, JsonValue]  # a message, and the JSON that it was parsed from


def known_to(value: object, dumped: JsonValue, recorded: JsonValue, revision: int) -> JsonValue:
    """JSON of a value without the fields that a record lacks because its revision did not have them."""
    if isinstance(value, BaseModel) and isinstance(dumped, dict) and isinstance(recorded, dict):
        kind = type(value).__name__
        return {
            name: known_to(getattr(value, name, None), inner, recorded.get(name), revision)
            for name, inner in dumped.items()
            if name in recorded or introduced_in(kind, name) <= revision
        }
    if isinstance(dumped, list) and isinstance(recorded, list) and isinstance(value, list | tuple):
        if len(value) == len(dumped) == len(recorded):
            triples = zip(value, dumped, recorded, strict=True)
            return [known_to(inner, mine, theirs, revision) for inner, mine, theirs in triples]
    elif isinstance(dumped, dict) and isinstance(recorded, dict) and isinstance(value, dict):
        return {name: known_to(value.get(name), inner, recorded.get(name), revision) for name, inner in dumped.items()}
    return dumped


def proven_revision(records: Iterable[Told]) -> int:
    """The newest revision with a field in any of these records: their code knew at least that revision."""
    return max((number for message, recorded in records for number in _introduced(message, recorded)), default=0)


def _introduced(value: object, recorded: JsonValue) -> Iterator[int]:
    if isinstance(value, BaseModel) and isinstance(recorded, dict):
        for name, inner in recorded.items():
            yield introduced_in(type(value).__name__, name)
            yield from _introduced(getattr(value, name, None), inner)
    elif isinstance(value, list | tuple) and isinstance(recorded, list):
        for one, inner in zip(value, recorded, strict=False):
            yield from _introduced(one, inner)
    elif isinstance(value, dict) and isinstance(recorded, dict):
        for name, inner in recorded.items():
            yield from _introduced(value.get(name), inner)
