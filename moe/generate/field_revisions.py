"""Field revisions of messages: new fields form a new revision at the end of libs/contracts/field_revisions.json."""

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from libs.contracts.catalogue import MESSAGES
from libs.contracts.field_revisions import Revision, introduced_in, revisions


def field_revisions() -> dict[str, object]:
    """Append-only: present revisions never change."""
    added = {kind: new for kind, fields in sorted(current_fields().items()) if (new := _new(kind, fields))}
    return {"revisions": [*revisions(), *([added] if added else [])]}


def current_fields() -> Revision:
    """Fields of every message and of every class nested in messages, by class name."""
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
