"""`json_query`: the value at a dotted path of a JSON text."""

import re
from collections.abc import Iterator

from pydantic import Field, JsonValue

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.data.strict_json import MAX_CHARS, RULE, compact, plain, read_json, type_of

MAX_PATH_CHARS = 500
PATH_RULE = (
    'keys joined by dots; [0] or .0 is a place in an array, counted from 0, negative from the end; ["a.b"] is a key '
    "with dots; an empty path or $ is the whole"
)
_SHOWN_CHARS = 300
_STEP = re.compile(
    r"""\.?\[\s*(?:(?P<index>-?\d{1,9})|"(?P<double>(?:[^"\\]|\\["\\])*)"|'(?P<single>(?:[^'\\]|\\['\\])*)')\s*\]"""
    r"|\.?(?P<key>[^.\[\]*]+)",
    re.ASCII,
)
_ROOT = re.compile(r"\$(?=[.\[]|$)")  # `$ref` is a key
_QUOTED = re.compile(r"\\(.)")
_PLACE = re.compile(r"-?\d{1,9}", re.ASCII)


class JsonQueryArguments(ToolModel):
    """A JSON text and a dotted path such as `orders[0].customer.name`."""

    json_str: str = Field(min_length=1, max_length=MAX_CHARS)
    path: str = Field(max_length=MAX_PATH_CHARS)


class JsonQueryResult(ToolModel):
    """What stands at the path. `exact` is its JSON with all digits; `value` rounds numbers to doubles."""

    found: bool
    value: JsonValue
    exact: str | None
    type: str | None
    missing: str | None = Field(description="Where the path leads nowhere, and why; null if it was found")
    path_rule: str = PATH_RULE
    json_rule: str = RULE


def json_query(arguments: JsonQueryArguments) -> JsonQueryResult:
    """Raises ToolError for invalid JSON and for an invalid path."""
    value = read_json(arguments.json_str)
    way = "$"
    for step in list(_steps(arguments.path.strip())):
        try:
            value = _inner(value, step)
        except LookupError as error:
            return JsonQueryResult(found=False, value=None, exact=None, type=None, missing=f"{way}: {error.args[0]}")
        way = f"{way}.{step}"
    return JsonQueryResult(found=True, value=plain(value), exact=compact(value), type=type_of(value), missing=None)


def _steps(path: str) -> Iterator[str | int]:
    """Keys as text and bracketed positions as numbers; a bare number may be either."""
    position = 1 if _ROOT.match(path) else 0
    while position < len(path):
        found = _STEP.match(path, position)
        starts_bare = position > 0 and path[position] not in ".["
        if found is None or starts_bare:
            raise ToolError("invalid_argument", "path: write a.b[0].c; wildcards and filters need jsonpath_query")
        yield _step(found)
        position = found.end()


def _step(found: re.Match[str]) -> str | int:
    if found["index"] is not None:
        return int(found["index"])
    quoted = found["double"] if found["double"] is not None else found["single"]
    return found["key"] if quoted is None else _QUOTED.sub(r"\1", quoted)


def _inner(value: JsonValue, step: str | int) -> JsonValue:
    """Value that a step selects. Raises LookupError with the reason."""
    if isinstance(value, dict):
        if str(step) in value:
            return value[str(step)]
        raise LookupError("the object has no such key")
    if not isinstance(value, list):
        raise LookupError(f"a {type_of(value)} has no parts")
    if isinstance(step, str) and not _PLACE.fullmatch(step):
        raise LookupError("an array needs a number")
    if not -len(value) <= int(step) < len(value):
        raise LookupError(f"the array has {len(value)} items")
    return value[int(step)]


def phrase(result: JsonQueryResult, style: AnswerStyle) -> str:
    """Truncate a long value."""
    german = style.language == "de"
    if not result.found:
        return f"Dort steht nichts ({result.missing})." if german else f"There is nothing ({result.missing})."
    exact = result.exact or ""
    shown = exact if len(exact) <= _SHOWN_CHARS else f"{exact[:_SHOWN_CHARS]}…"
    return f"Der Wert ist {shown}." if german else f"The value is {shown}."


JSON_QUERY = Tool(
    name="json_query",
    description=Bilingual(
        en="The value at a dotted path of a JSON text", de="Der Wert an einem Punkt-Pfad in einem JSON-Text"
    ),
    keywords=Bilingual(
        en="json path query get value key extract field dotted", de="json pfad abfrage wert schlüssel feld auslesen"
    ),
    arguments=JsonQueryArguments,
    result=JsonQueryResult,
    run=json_query,
    answer=phrase,
    limits=(
        Limit(name="json_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="path_chars", value=MAX_PATH_CHARS, unit="characters"),
    ),
    group="data",
    example=Example(
        args={"json_str": '{"orders": [{"id": 7, "price": 19.90}]}', "path": "orders[0].price"},
        result={
            "found": True,
            "value": 19.9,
            "exact": "19.90",
            "type": "number",
            "missing": None,
            "path_rule": PATH_RULE,
            "json_rule": RULE,
        },
        answer="The value is 19.90.",
    ),
    error_example=ErrorExample(args={"json_str": '{"a": 1, "a": 2}', "path": "a"}, code="invalid_argument"),
)
