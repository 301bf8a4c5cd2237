"""`structured_validate`: whether a text is well-formed and fits its schema, and where it does not."""

import hashlib
import json

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.data import strict_json
from services.mcp.tools.pure.data.structured_validate import schema
from services.mcp.tools.pure.data.structured_validate.document import MAX_DIAGNOSTICS, Diagnostic, Document
from services.mcp.tools.pure.data.structured_validate.reading import RULES, CsvDialect, FormatName, read_document

MAX_PAYLOAD_BYTES = 65_536
HASH_RULE = "SHA-256; of the payload its UTF-8 bytes, of the value its JSON with sorted keys, no spaces, as UTF-8"


class ValidateArguments(ToolModel):
    """A payload, what it should be, and for json, yaml and csv a JSON Schema that it should fit."""

    format_name: FormatName
    payload: str = Field(max_length=MAX_PAYLOAD_BYTES)
    schema_text: str | None = Field(None, alias="schema_json", max_length=schema.MAX_SCHEMA_CHARS)
    csv_dialect: CsvDialect | None = Field(None, description="Comma if left out")


class ValidateResult(ToolModel):
    """Whether the payload is valid: no diagnostic is an error. `parts` are values, elements or rows."""

    format_name: FormatName
    valid: bool
    well_formed: bool
    diagnostics: tuple[Diagnostic, ...]
    more: bool = Field(description=f"Whether there may be more than the {MAX_DIAGNOSTICS} that are shown")
    parts: int
    payload_bytes: int
    payload_sha256: str
    value_sha256: str | None
    schema_sha256: str | None
    rule: str
    schema_rule: str | None
    hash_rule: str = HASH_RULE


def structured_validate(arguments: ValidateArguments) -> ValidateResult:
    """Raises ToolError for an unusable schema and for an oversized payload."""
    octets = arguments.payload.encode()
    if len(octets) > MAX_PAYLOAD_BYTES:
        raise ToolError("limit_exceeded", f"payload: the limit is {MAX_PAYLOAD_BYTES} bytes")
    _check_combination(arguments)
    wanted = None if arguments.schema_text is None else schema.read_schema(arguments.schema_text)
    document = read_document(arguments.format_name, arguments.payload, arguments.csv_dialect or "comma")
    fits = document.has_value and wanted is not None
    findings = (*document.findings, *(schema.check(document, wanted) if fits else ()))
    return ValidateResult(
        format_name=arguments.format_name,
        valid=not _has_errors(findings),
        well_formed=not _has_errors(document.findings),
        diagnostics=findings[:MAX_DIAGNOSTICS],
        more=len(findings) >= MAX_DIAGNOSTICS,
        parts=document.parts,
        payload_bytes=len(octets),
        payload_sha256=hashlib.sha256(octets).hexdigest(),
        value_sha256=_value_hash(document),
        schema_sha256=None if wanted is None else _text_hash(arguments.schema_text or ""),
        rule=RULES[arguments.format_name],
        schema_rule=None if wanted is None else schema.RULE,
    )


def _check_combination(arguments: ValidateArguments) -> None:
    if arguments.format_name == "xml" and arguments.schema_text is not None:
        raise ToolError("invalid_argument", "schema_json: a JSON Schema fits json, yaml and csv; XML has none here")
    if arguments.format_name != "csv" and arguments.csv_dialect is not None:
        raise ToolError("invalid_argument", "csv_dialect: only csv has a dialect")


def _has_errors(findings: tuple[Diagnostic, ...]) -> bool:
    return any(found.severity == "error" for found in findings)


def _value_hash(document: Document) -> str | None:
    if not document.has_value:
        return None
    ordered = json.dumps(strict_json.plain(document.value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return _text_hash(ordered)


def _text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def phrase(result: ValidateResult, style: AnswerStyle) -> str:
    """The verdict, and the first error with its place."""
    german, name = style.language == "de", result.format_name.upper()
    first = next((found for found in result.diagnostics if found.severity == "error"), None)
    if first is None:
        return f"Das {name} ist gültig." if german else f"The {name} is valid."
    place = f" ({'Zeile' if german else 'line'} {first.line}, {'Spalte' if german else 'column'} {first.column})"
    sentence = "Das {name} ist ungültig: {message}{place}." if german else "The {name} is not valid: {message}{place}."
    return sentence.format(name=name, message=first.message, place=place if first.line else "")


STRUCTURED_VALIDATE = Tool(
    name="structured_validate",
    description=Bilingual(
        en="Validate JSON, YAML, XML or CSV strictly, optionally against a JSON Schema, with lines and pointers",
        de="JSON, YAML, XML oder CSV streng prüfen, wahlweise gegen ein JSON-Schema, mit Zeilen und Zeigern",
    ),
    keywords=Bilingual(
        en="validate check json yaml xml csv schema well-formed syntax valid lint parse error",
        de="validieren prüfen gültig json yaml xml csv schema wohlgeformt syntax fehler",
    ),
    arguments=ValidateArguments,
    result=ValidateResult,
    run=structured_validate,
    answer=phrase,
    limits=(
        Limit(name="payload_bytes", value=MAX_PAYLOAD_BYTES, unit="bytes"),
        Limit(name="schema_chars", value=schema.MAX_SCHEMA_CHARS, unit="characters"),
        Limit(name="diagnostics", value=MAX_DIAGNOSTICS, unit="findings shown"),
    ),
    group="data",
    example=Example(
        args={
            "format_name": "json",
            "payload": '{\n  "age": "x"\n}',
            "schema_json": '{"properties": {"age": {"type": "integer"}}}',
        },
        result={
            "format_name": "json",
            "valid": False,
            "well_formed": True,
            "diagnostics": [
                {
                    "severity": "error",
                    "code": "type",
                    "message": 'the value is not of type "integer"',
                    "line": 2,
                    "column": 10,
                    "pointer": "/age",
                    "schema_pointer": "/properties/age/type",
                }
            ],
            "more": False,
            "parts": 2,
            "payload_bytes": 16,
            "payload_sha256": "e802d1a5564931e976e7f58793a62215aca8f0897e9697ae1ede7a7c46f39644",
            "value_sha256": "260ec4b89ac72919ff2a3d53b712bd2fa8d606da796637b8b6877fc07a20ba75",
            "schema_sha256": "7ef4f70e5618891865016efc9629127bdafc33b0172803be331f0cf06972e2e9",
            "rule": strict_json.RULE,
            "schema_rule": schema.RULE,
            "hash_rule": HASH_RULE,
        },
        answer='The JSON is not valid: the value is not of type "integer" (line 2, column 10).',
    ),
    error_example=ErrorExample(
        args={"format_name": "json", "payload": "1", "schema_json": '{"$ref": "https://example.org/schema"}'},
        code="invalid_argument",
    ),
)
