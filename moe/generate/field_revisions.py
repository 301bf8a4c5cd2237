"""libs/contracts/field_revisions.json: fields of messages that are not in it yet become a new revision at its end."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from libs.contracts.catalogue import MESSAGES
from libs.contracts.field_revisions import Revision, introduced_in, revisions


def field_revisions() -> dict[str, object]:
    """Return the list with all that messages have today. What is in it is never changed."""
    added = {kind: new for kind, fields in sorted(current_fields().items()) if (new := _new(kind, fields))}
    return {"revisions": [*revisions(), *([added] if added else [])]}


def current_fields() -> Revision:
    """Return the fields of every message and of all that is inside of messages, by the name of the class."""
    found: dict[str, type[BaseModel]] = {}
    for message in MESSAGES:
        _collect(message, found)
    return {name: sorted(kind.model_fields) for name, kind in found.items()}


def _new(kind: str, fields: list[str]) -> list[str]:
    return [field for field in fields if not introduced_in(kind, field)]


def _collect(kind: type[BaseModel], found: dict[str, type[BaseModel]]) -> None:
    known = found.setdefault(kind.__name__, kind)
    if known is not kind:
        raise ValueError(f"two pieces of messages have the name {kind.__name__}")
    for field in kind.model_fields.values():
        for inner in _models_in(field.annotation):
            if found.get(inner.__name__) is not inner:
                _collect(inner, found)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
