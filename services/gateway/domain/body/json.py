"""JSON of request bodies: early rejection of expensive ones, and validation into typed bodies."""

import re
from typing import Self, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from services.gateway.domain.errors import RequestRefused, body_memory_full, invalid

FREE_BYTES = 64 * 1024


class BodyShare:
    """The memory of one body, released at the end of its block."""

    __slots__ = ("_limit", "_size", "_taken")

    def __init__(self, limit: "BodyMemoryLimit") -> None:
        self._limit = limit
        self._size = 0
        self._taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._limit.release(self._taken)

    def grow(self, size: int) -> None:
        """Reserve `size` more bytes; the first 64 kB are free. Raises RequestRefused (503) when memory is exhausted."""
        self._size += size
        if self._size > FREE_BYTES:
            needed = self._size - FREE_BYTES - self._taken
            self._limit.reserve(needed)
            self._taken += needed


class BodyMemoryLimit:
    """Memory for the large bodies of all requests together, in bytes."""

    def __init__(self, size: int) -> None:
        self._left = size

    def share(self) -> BodyShare:
        """The share of one body; enter it."""
        return BodyShare(self)

    def reserve(self, size: int) -> None:
        """Raises RequestRefused (503) when memory is exhausted."""
        if size > self._left:
            raise body_memory_full()
        self._left -= size

    def release(self, size: int) -> None:
        self._left += size


MAX_DEPTH = 64

MAX_STRINGS = 200_000

MAX_VALUES = 200_000

WALKED_VALUES = 2000

SMALL_BYTES = 16 * 1024

_NOT_STRUCTURE = bytes(sorted(set(range(256)) - set(b'[]{},:"')))

_STRING = re.compile(rb'"[^"]*"')

_CONTAINERS = (dict, list)

_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def read_json(body: bytes) -> object:
    """Parse a JSON text. Raises RequestRefused: not JSON (also NaN, infinities, lone surrogates), too deep, too many
    values, a duplicate field in one object.

    A scan over the bytes bounds depth and number of values first, with C-speed passes only, so that 16 MB of brackets
    never reach the parser and never block the event loop. Of two fields with one name the parser keeps the last, and
    other programs the first. Such a body has more colons than its value has fields, and is rejected.
    """
    if _is_plain(body):
        value = _parse(body)
        fields = _fields_of(value)
        if body.count(b":") == fields:  # so no string has a colon, and the scan would find nothing
            return value
        outside = _structure(body)
    else:
        outside = _structure(body)
        _check_structure(outside)
        value = _parse(body)
        # Walking many values takes longer than encoding them again.
        fields = _fields_of(value) if len(outside) <= WALKED_VALUES else _structure(orjson.dumps(value)).count(b":")
    if outside.count(b":") != fields:
        raise invalid("The body has two fields of the same name in one object.", code="duplicate_field")
    return value


def json_object(value: object) -> dict[str, object]:
    """Narrow the value to a JSON object. Raises RequestRefused (400)."""
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.")
    return value


def _structure(text: bytes) -> bytes:
    """Brackets, commas and colons outside of strings."""
    # Remove pairs of backslashes first, so that a remaining backslash before a quote really escapes it.
    unescaped = text.replace(rb"\\", b"").replace(rb"\"", b"") if b"\\" in text else text
    structure = unescaped.translate(None, _NOT_STRUCTURE)
    if structure.count(b'"') > 2 * MAX_STRINGS:
        raise invalid(f"The body holds more than {MAX_STRINGS} strings.", code="too_many_values")
    return _STRING.sub(b"", structure)


def _check_structure(outside: bytes) -> None:
    if len(outside) - outside.count(b":") > MAX_VALUES:
        raise invalid(f"The body holds more than {MAX_VALUES} values.", code="too_many_values")
    if outside.count(b"[") + outside.count(b"{") > MAX_DEPTH and _depth(outside.translate(None, b",:")) > MAX_DEPTH:
        raise invalid(f"The body is nested deeper than {MAX_DEPTH} levels.", code="nesting_too_deep")


def _is_plain(body: bytes) -> bool:
    """True for a body too small and too flat to exceed a limit."""
    if len(body) > SMALL_BYTES or body.count(b",") > WALKED_VALUES:
        return False
    return body.count(b"[") + body.count(b"{") <= MAX_DEPTH


def _parse(body: bytes) -> object:
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid(f"The body is not valid JSON: {error}", code="invalid_json") from error
    return value


def _fields_of(value: object) -> int:
    """Count the fields of all objects in a value."""
    count, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        if type(each) is dict:
            count += len(each)
            waiting += [inner for inner in each.values() if type(inner) in _CONTAINERS]
        elif type(each) is list:
            waiting += each
    return count


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for bracket in brackets:
        depth += _STEP.get(bracket, 0)
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            break
    return deepest


B = TypeVar("B", bound=BaseModel)


def checked(kind: type[B], value: object, where: str = "") -> B:
    """Validate a body, or a part of one at the path `where`. Raises RequestRefused (400) with the name of the first
    invalid field."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise refusal(error, where) from error


def refusal(error: ValidationError, where: str = "") -> RequestRefused:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    param = where
    for step in first["loc"]:
        if isinstance(step, int):
            param += f"[{step}]"
        elif not step.startswith("<"):
            param += f".{step}" if param else step
    return invalid(f"`{param}`: {first['msg']}.", param=param, code="invalid_value")
