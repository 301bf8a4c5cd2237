"""`jsonpath_query`: the nodes that a JSONPath selects from a JSON text."""

import re

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathQuery
from pydantic import Field, JsonValue

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.data.json_reader import Place
from services.mcp.tools.pure.data.jsonpath.evaluation import MAX_STEPS, Evaluation, Node
from services.mcp.tools.pure.data.strict_json import MAX_CHARS, RULE, compact, plain, read_json
from services.mcp.tools.pure.text.patterns import MAX_PATTERN_CHARS

MAX_PATH_CHARS = 1_000
MAX_RESULT_CHARS = 200_000
STANDARD = "RFC 9535 with length, count, match, search and value; patterns of RFC 9485 by RE2"
_SHOWN_CHARS = 300
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_TWICE_NOT = re.compile(r"!\s*!")
_ENVIRONMENT = JSONPathEnvironment()
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "'": "\\'", "\\": "\\\\"}


class JsonPathArguments(ToolModel):
    """A JSON text and a JSONPath such as `$.orders[?@.price < 10].id`."""

    json_str: str = Field(min_length=1, max_length=MAX_CHARS)
    path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)


class SelectedNode(ToolModel):
    """A selected value. `path` is its normalized path; `value` rounds numbers to doubles."""

    path: str
    value: JsonValue


class JsonPathResult(ToolModel):
    """The nodes in order. `exact` is the JSON array of their values with all digits."""

    count: int
    nodes: tuple[SelectedNode, ...]
    exact: str
    standard: str = STANDARD
    json_rule: str = RULE


def jsonpath_query(arguments: JsonPathArguments) -> JsonPathResult:
    """Raises ToolError for an invalid query, and for too much work or output."""
    query = _compiled(arguments.path)
    document = read_json(arguments.json_str)
    nodes = Evaluation(document).select(query, document)
    return JsonPathResult(
        count=len(nodes),
        exact=f"[{','.join(_bounded(nodes))}]",
        nodes=tuple(SelectedNode(path=normalized(node.way), value=plain(node.value)) for node in nodes),
    )


def _compiled(path: str) -> JSONPathQuery:
    if _TWICE_NOT.search(_QUOTED.sub("''", path)):  # the grammar has one; the parser of the package takes more
        raise ToolError("invalid_argument", "path: a second ! needs parentheses: !(!@.a)")
    try:
        return _ENVIRONMENT.compile(path)
    except JSONPathError as error:
        place = f" (column {error.token.index + 1})" if error.token else ""
        reason = str(error.args[0])[:40] if error.args else "not a JSONPath"
        raise ToolError("invalid_argument", f"path: {reason}{place}") from error
    except RecursionError as error:
        raise ToolError("limit_exceeded", "path: it is nested too deeply") from error


def _bounded(nodes: list[Node]) -> list[str]:
    """The values as JSON. Raises ToolError before they exceed the limit of a reply."""
    texts: list[str] = []
    chars = 0
    for node in nodes:
        texts.append(compact(node.value))
        chars += len(texts[-1]) + len(normalized(node.way))
        if chars > MAX_RESULT_CHARS:
            raise ToolError("limit_exceeded", f"characters of the result: the limit is {MAX_RESULT_CHARS}")
    return texts


def normalized(way: Place) -> str:
    """Normalized path (RFC 9535 2.7)."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f"['{_escaped(step)}']" for step in way)


def _escaped(name: str) -> str:
    return "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in name)


def phrase(result: JsonPathResult, style: AnswerStyle) -> str:
    """Number of nodes and their values; truncates long ones."""
    german = style.language == "de"
    if not result.count:
        return "Der Pfad wählt nichts aus." if german else "The path selects nothing."
    shown = result.exact if len(result.exact) <= _SHOWN_CHARS else f"{result.exact[:_SHOWN_CHARS]}…"
    noun = "Wert" if german else "value"
    plural = "Werte" if german else "values"
    return f"{result.count} {noun if result.count == 1 else plural}: {shown}."


JSONPATH_QUERY = Tool(
    name="jsonpath_query",
    description=Bilingual(
        en="Select values from a JSON text with JSONPath (RFC 9535): wildcards, descendants, slices, filters",
        de="Werte aus einem JSON-Text mit JSONPath (RFC 9535) auswählen: Platzhalter, Nachfahren, Slices, Filter",
    ),
    keywords=Bilingual(
        en="jsonpath json path query select filter wildcard descendants slice $..",
        de="jsonpath json pfad abfrage auswählen filtern platzhalter slice",
    ),
    arguments=JsonPathArguments,
    result=JsonPathResult,
    run=jsonpath_query,
    answer=phrase,
    limits=(
        Limit(name="json_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="path_chars", value=MAX_PATH_CHARS, unit="characters"),
        Limit(name="pattern_chars", value=MAX_PATTERN_CHARS, unit="characters of a pattern"),
        Limit(name="work", value=MAX_STEPS, unit="nodes looked at"),
        Limit(name="result_chars", value=MAX_RESULT_CHARS, unit="characters of the result"),
    ),
    group="data",
    example=Example(
        args={
            "json_str": '{"items": [{"id": 1, "price": 8.50}, {"id": 2, "price": 12}]}',
            "path": "$.items[?@.price < 10].id",
        },
        result={
            "count": 1,
            "nodes": [{"path": "$['items'][0]['id']", "value": 1}],
            "exact": "[1]",
            "standard": STANDARD,
            "json_rule": RULE,
        },
        answer="1 value: [1].",
    ),
    error_example=ErrorExample(args={"json_str": "[1, 2]", "path": "$[?@ > ]"}, code="invalid_argument"),
)
