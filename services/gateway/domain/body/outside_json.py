"""JSON from model servers and models: values that the encoder could not write again are rejected on input."""

import orjson

from libs.core.json_values import JsonObject, is_object

MAX_DEPTH = 100  # the encoder writes 254 levels, and responses add some around an answer
_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b'[]{}"')))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class UnfitJson(ValueError):
    """Not JSON, or nested deeper than `MAX_DEPTH`."""


def read_outside(data: bytes | str) -> object:
    """Parse a JSON text. Raises UnfitJson, also for NaN, infinities and lone surrogates."""
    try:
        raw = data.encode() if isinstance(data, str) else data
        value: object = orjson.loads(raw)
    except ValueError as error:
        raise UnfitJson("not JSON") from error
    # Two counts bound the depth of nearly all texts; both together cost a hundredth of the parsing.
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise UnfitJson("nested too deep")
    return value


def outside_object(text: str) -> JsonObject | None:
    """Parse a JSON object that a model wrote; None for anything else. An empty text is an empty object."""
    try:
        value = read_outside(text or "{}")
    except UnfitJson:
        return None
    return value if is_object(value) else None


def _depth(text: bytes) -> int:
    """The nesting depth of valid JSON, brackets in strings excluded."""
    depth = deepest = 0
    pieces = text.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _NOT_BRACKETS).split(b'"')
    for bracket in b"".join(pieces[::2]):
        depth += _STEP[bracket]
        deepest = max(deepest, depth)
    return deepest
