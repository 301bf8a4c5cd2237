"""Every answer and event of OpenAI's and Anthropic's routes, by the strict types of their SDKs for Python."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.clients.python.exchanges import TABLE, cases, observed
from tests.clients.python.visit import FleetAddress

BEYOND = frozenset(TABLE["beyond_the_types"])
CASES = {f"{name}, {path}": (path, exchange) for name, path, exchange in cases()}


@pytest.mark.parametrize("case", CASES)
def test_schema(fleet: FleetAddress, case: str, rows: set[tuple[str, ...]]) -> None:
    path, exchange = CASES[case]
    seen = observed(fleet, path, exchange, client="schemas-python")
    assert [fault for one in seen for fault in faults(one.kind, one.value)] == []
    rows |= {(one.route, one.row, one.kind, path) for one in seen}


def faults(kind: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield fields that are missing, mistyped or unknown to the type."""
    text = json.dumps(value)
    try:
        read = _type_of(kind).validate_json(text, strict=True)
    except ValidationError as error:
        yield f"{kind}: {error.errors(include_url=False, include_input=True)[:3]} in {text[:600]}"
        return
    for name in unknown(read):
        yield f"{kind}: {name} is unknown in {text[:600]}"


def unknown(value: object) -> Iterator[str]:
    """Yield the fields at any depth that a type does not have."""
    if isinstance(value, BaseModel):
        names = value.model_extra or ()
        kind = getattr(value, "type", "")
        yield from (name for name in names if not BEYOND & {name, f"{kind}.{name}"})
        for name in type(value).model_fields:
            yield from unknown(getattr(value, name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from unknown(each)


@cache
def _type_of(kind: str) -> TypeAdapter[Any]:
    module, _, name = TABLE["kinds"][kind]["python"].partition(":")
    return TypeAdapter(getattr(import_module(module), name))
