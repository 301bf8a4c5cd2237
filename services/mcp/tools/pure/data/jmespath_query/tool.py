"""`jmespath_query`: apply a JMESPath expression to a JSON text."""

import json
import warnings

from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult, Parser
from pydantic import Field, JsonValue

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.data.jmespath_query.interpreter import (
    MAX_DEPTH,
    MAX_STEPS,
    BoundedInterpreter,
    size_of,
    too_much,
)
from services.mcp.tools.pure.data.strict_json import MAX_CHARS, RULE, plain, read_json, type_of

MAX_EXPRESSION_CHARS = 1_000
STANDARD = "JMESPath (jmespath.org) of 2015; integers are exact, other numbers are doubles"
_SHOWN_CHARS = 300


class JmesPathArguments(ToolModel):
    """A JSON text and an expression such as ``people[?age > `20`].name``."""

    json_str: str = Field(min_length=1, max_length=MAX_CHARS)
    expression: str = Field(min_length=1, max_length=MAX_EXPRESSION_CHARS)


class JmesPathResult(ToolModel):
    """The outcome; null too where nothing was found, as the language has it."""

    value: JsonValue
    json_text: str
    type: str
    standard: str = STANDARD
    json_rule: str = RULE


def jmespath_query(arguments: JmesPathArguments) -> JmesPathResult:
    """Raises ToolError."""
    parsed = _parsed(arguments.expression)
    value = _evaluated(parsed, plain(read_json(arguments.json_str)))
    return JmesPathResult(value=value, json_text=_json(value), type=type_of(value))


def _json(value: JsonValue) -> str:
    if size_of(value, MAX_STEPS) > MAX_STEPS:
        raise too_much()
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except (ValueError, TypeError) as error:
        raise ToolError("invalid_argument", "expression: the result is no JSON value") from error
    return text


def _parsed(expression: str) -> ParsedResult:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PendingDeprecationWarning)
            return Parser().parse(expression)
    except PendingDeprecationWarning as error:
        raise ToolError("invalid_argument", "expression: a literal in backticks is JSON, a text 'stands so'") from error
    except JMESPathError as error:
        place = getattr(error, "lex_position", None)
        raise ToolError("invalid_argument", f"expression: not JMESPath{_column(place)}") from error
    except (RecursionError, ValueError) as error:
        raise ToolError("invalid_argument", "expression: not JMESPath, or nested too deeply") from error


def _column(position: object) -> str:
    return f" from column {position + 1} on" if isinstance(position, int) else ""


def _evaluated(parsed: ParsedResult, document: JsonValue) -> JsonValue:
    try:
        return BoundedInterpreter().visit(parsed.parsed, document)
    except JMESPathError as error:
        name = type(error).__name__
        raise ToolError(
            "invalid_argument", f"expression: {_REASONS.get(name, 'it does not fit the values')}"
        ) from error
    except RecursionError as error:
        raise ToolError("limit_exceeded", f"expression: nesting: the limit is {MAX_DEPTH}") from error


_REASONS = {
    "UnknownFunctionError": "there is no such function",
    "ArityError": "a function has too few or too many arguments",
    "VariadictArityError": "a function has too few arguments",
    "JMESPathTypeError": "a function does not take a value of this type",
}


def phrase(result: JmesPathResult, style: AnswerStyle) -> str:
    """Truncate a long result."""
    text = result.json_text
    shown = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return f"Das Ergebnis ist {shown}." if style.language == "de" else f"The result is {shown}."


JMESPATH_QUERY = Tool(
    name="jmespath_query",
    description=Bilingual(
        en="Query and reshape a JSON text with a JMESPath expression",
        de="Einen JSON-Text mit einem JMESPath-Ausdruck abfragen und umformen",
    ),
    keywords=Bilingual(
        en="jmespath json query filter project reshape sort_by expression",
        de="jmespath json abfrage filtern umformen ausdruck",
    ),
    arguments=JmesPathArguments,
    result=JmesPathResult,
    run=jmespath_query,
    answer=phrase,
    limits=(
        Limit(name="json_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        Limit(name="work", value=MAX_STEPS, unit="values looked at or put together"),
        Limit(name="depth", value=MAX_DEPTH, unit="levels of the result"),
    ),
    group="data",
    example=Example(
        args={
            "json_str": '{"people": [{"name": "Ada", "age": 36}, {"name": "Bo", "age": 19}]}',
            "expression": "people[?age > `20`].name",
        },
        result={
            "value": ["Ada"],
            "json_text": '["Ada"]',
            "type": "array",
            "standard": STANDARD,
            "json_rule": RULE,
        },
        answer='The result is ["Ada"].',
    ),
    error_example=ErrorExample(args={"json_str": "{}", "expression": "nonsense(@)"}, code="invalid_argument"),
)
