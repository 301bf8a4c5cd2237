"""Strict JSON (RFC 8259, RFC 7493): input that parsers interpret differently is rejected, with its position."""

from collections.abc import Iterator
from json.encoder import encode_basestring

from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.data.json_reader import MAX_DEPTH, NotStrict, Reader, WrittenFloat

MAX_CHARS = 50_000
RULE = (
    "RFC 8259 and RFC 7493; refused: duplicate keys, NaN and Infinity, numbers beyond double range, lone surrogates, "
    f"control characters in strings, nesting deeper than {MAX_DEPTH}"
)


def read_json(text: str, argument: str = "json_str") -> JsonValue:
    """Value; its floats are `WrittenFloat`. Raises ToolError that names the argument and the place."""
    try:
        return Reader(text).read()
    except NotStrict as error:
        raise ToolError("invalid_argument", f"{argument}: {error}") from error


def compact(value: JsonValue) -> str:
    """Value as JSON without spaces, with the digits of numbers as they were written."""
    return "".join(_pieces(value))


def type_of(value: JsonValue) -> str:
    """JSON's own name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def plain(value: JsonValue) -> JsonValue:
    """Value with its floats as doubles."""
    if isinstance(value, WrittenFloat):
        return float(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def count_values(value: JsonValue) -> int:
    """Number of values in a document, itself included."""
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return 1 + sum(count_values(item) for item in inner)


def _pieces(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield f"{',' if number else ''}{encode_basestring(key)}:"
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for number, item in enumerate(value):
            yield "," if number else ""
            yield from _pieces(item)
        yield "]"
    else:
        yield _scalar(value)


def _scalar(value: str | float | None) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, WrittenFloat):
        return value.text
    return (
        {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else repr(value)
    )
