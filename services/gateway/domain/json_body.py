"""From bytes to JSON values, refusing early what would be expensive to look at.

A scan over the bytes bounds depth and number of values first, with C-speed passes only, so that 16 MB of brackets
never reach the parser and never hold up the event loop.
"""

import re

import orjson

from services.gateway.domain.errors import invalid

MAX_DEPTH = 64
MAX_STRINGS = 200_000
MAX_VALUES = 200_000

_NOT_STRUCTURE = bytes(sorted(set(range(256)) - set(b'[]{},"')))
_STRING = re.compile(rb'"[^"]*"')
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def read_json(body: bytes) -> object:
    """Return the value of a JSON text. Raises RequestRefused: not JSON (also NaN, infinities, lone surrogates), too
    deep, too many values."""
    _check_structure(body)
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid(f"The body is not valid JSON: {error}", code="invalid_json") from error
    return value


def json_object(value: object) -> dict[str, object]:
    """Return the value if it is a JSON object. Raises RequestRefused (400)."""
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.")
    return value


def _check_structure(body: bytes) -> None:
    # Pairs of backslashes go first, so that a backslash left before a quote really escapes it.
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"") if b"\\" in body else body
    structure = unescaped.translate(None, _NOT_STRUCTURE)
    if structure.count(b'"') > 2 * MAX_STRINGS:
        raise invalid(f"The body holds more than {MAX_STRINGS} strings.", code="too_many_values")
    outside = _STRING.sub(b"", structure)
    if len(outside) > MAX_VALUES:
        raise invalid(f"The body holds more than {MAX_VALUES} values.", code="too_many_values")
    if _depth(outside.translate(None, b",")) > MAX_DEPTH:
        raise invalid(f"The body is nested deeper than {MAX_DEPTH} levels.", code="nesting_too_deep")


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for bracket in brackets:
        depth += _STEP.get(bracket, 0)
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            break
    return deepest
