"""Records without one of their fields."""

import json
import re
from collections.abc import Iterator

from pydantic import BaseModel

_STEPS = re.compile(r"[^.\[\]]+")


def fields_of(value: object, dumped: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path of every field of a message and of all that is inside of it, with `Class.field`."""
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        for name, inner in dumped.items():
            yield f"{path}{name}", f"{type(value).__name__}.{name}"
            yield from fields_of(getattr(value, name), inner, f"{path}{name}.")
    elif isinstance(value, list | tuple) and isinstance(dumped, list):
        for number, (one, inner) in enumerate(zip(value, dumped, strict=True)):
            yield from fields_of(one, inner, f"{path.removesuffix('.')}[{number}].")
    elif isinstance(value, dict) and isinstance(dumped, dict):
        for name, inner in dumped.items():
            yield from fields_of(value.get(name), inner, f"{path}{name}.")


def without_field(payload: bytes, path: str) -> bytes:
    body = json.loads(payload)
    *steps, last = _STEPS.findall(path)
    place = body
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    del place[last]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
