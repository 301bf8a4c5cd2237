"""JSON beside the official SDKs' types: which fields are missing, and which are unknown to them."""

from collections.abc import Iterator, Set

import orjson
from pydantic import BaseModel


def differences(model: BaseModel, fields: object, known: Set[str], path: str = "") -> Iterator[str]:
    """Yield fields that are missing or unknown at any depth, but those that are `known`: `field`, or `Model.field`.

    `model` is `fields` as the SDK has read them.
    """
    assert isinstance(fields, dict)
    named = {field.alias or name: name for name, field in type(model).model_fields.items()}
    for alias in sorted((named.keys() ^ fields.keys()) - known):
        if f"{type(model).__name__}.{alias}" in known:
            continue
        yield f"{path}{alias} is {'unknown' if alias in fields else 'missing'}"
    for alias, name in named.items():
        yield from _inside(getattr(model, name), fields.get(alias), known, f"{path}{alias}.")


def _inside(value: object, fields: object, known: Set[str], path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from differences(value, fields, known, path)
    if isinstance(value, list):
        assert isinstance(fields, list)
        for index, (each, its_fields) in enumerate(zip(value, fields, strict=True)):
            yield from _inside(each, its_fields, known, f"{path}{index}.")


def events_of(data: bytes) -> Iterator[dict[str, object]]:
    """Yield the data of server-sent events, but `[DONE]`."""
    for line in data.split(b"\n"):
        if line.startswith(b"data: ") and line != b"data: [DONE]":
            yield orjson.loads(line.removeprefix(b"data: "))
