"""Fitting a value to a JSON Schema of 2020-12: patterns in linear time, nothing fetched."""

from collections.abc import Iterator
from itertools import islice

from jsonschema_rs import Draft202012Validator, ReferencingError, RegexOptions, ValidationError, ValidationErrorKind
from pydantic import JsonValue

from services.mcp.contract import SCHEMA_DIALECT, ToolError
from services.mcp.tools.pure.data.strict_json import plain, read_json
from services.mcp.tools.pure.data.structured_validate.document import MAX_DIAGNOSTICS, Diagnostic, Document, pointer
from services.mcp.tools.pure.data.structured_validate.schema_cost import check_cost
from services.mcp.tools.pure.data.structured_validate.ways import Ways, has_empty_key

MAX_SCHEMA_CHARS = 30_000
MAX_PATTERN_BYTES = 1_000_000
RULE = (
    "JSON Schema 2020-12; format is an annotation; patterns in linear time, without look-around and back-references; "
    "$ref to #, #/pointer or #anchor of the schema, no $id below its root"
)
_MESSAGE_CHARS = 160


def read_schema(text: str) -> JsonValue:
    """Raises ToolError for another dialect and for references outside the schema."""
    schema = plain(read_json(text, "schema_json"))
    if not isinstance(schema, dict | bool):
        raise ToolError("invalid_argument", "schema_json: a schema is an object, true or false")
    _check_dialect(schema)
    return schema


def check(document: Document, schema: JsonValue) -> Iterator[Diagnostic]:
    """Violations, at most `MAX_DIAGNOSTICS`. Raises ToolError for an invalid schema."""
    check_cost(schema, document)
    value = plain(document.value)
    errors = list(islice(_validator(schema).iter_errors(value), MAX_DIAGNOSTICS))
    ways = Ways(value, document.places if errors else {})
    has_pointers = not has_empty_key(schema)
    for error in errors:
        way = ways.meant(error.instance_path, error.instance)
        steps = tuple(error.schema_path)
        line, column = (None, None) if way is None else document.places[way]
        yield Diagnostic(
            severity="error",
            code="false" if isinstance(error.kind, ValidationErrorKind.FalseSchema) else str(steps[-1]),
            message=_cut(error.message),
            line=line,
            column=column,
            pointer=None if way is None else pointer(way),
            schema_pointer=pointer(steps) if has_pointers else None,
        )


def _cut(message: str) -> str:
    return message if len(message) <= _MESSAGE_CHARS else f"{message[:_MESSAGE_CHARS]}…"


def _validator(schema: JsonValue) -> Draft202012Validator:
    if not isinstance(schema, dict | bool):
        raise ToolError("invalid_argument", "schema_json: a schema is an object, true or false")
    try:
        return Draft202012Validator(
            schema,
            pattern_options=RegexOptions(size_limit=MAX_PATTERN_BYTES, dfa_size_limit=MAX_PATTERN_BYTES),
            retriever=_refuse,
            validate_formats=False,
            mask="the value",
        )
    except ValidationError as error:
        place = pointer(tuple(error.instance_path))
        raise ToolError("invalid_argument", f"schema_json: not a schema at '{place[:40]}'") from error
    except (ReferencingError, ValueError) as error:
        raise ToolError("invalid_argument", "schema_json: a $ref leads nowhere within the schema") from error


def _refuse(uri: str) -> JsonValue:
    raise ValueError("nothing outside the schema is fetched")


def _check_dialect(schema: JsonValue) -> None:
    dialect = schema.get("$schema", SCHEMA_DIALECT) if isinstance(schema, dict) else SCHEMA_DIALECT
    if not isinstance(dialect, str) or dialect.rstrip("#") != SCHEMA_DIALECT:
        raise ToolError("invalid_argument", f"schema_json: $schema is {SCHEMA_DIALECT} or left out")
