"""Reading a payload in its format."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from services.mcp.tools.pure.data import strict_json
from services.mcp.tools.pure.data.json_reader import Lines, NotStrict, Reader
from services.mcp.tools.pure.data.structured_validate import csv_reader, xml_reader, yaml_reader
from services.mcp.tools.pure.data.structured_validate.document import Broken, Document

FormatName: TypeAlias = Literal["json", "yaml", "xml", "csv"]
CsvDialect: TypeAlias = Literal["comma", "semicolon", "tab", "pipe", "excel", "excel-tab", "unix"]
RULES: Mapping[FormatName, str] = {
    "json": strict_json.RULE,
    "yaml": yaml_reader.RULE,
    "xml": xml_reader.RULE,
    "csv": csv_reader.RULE,
}


def read_document(format_name: FormatName, payload: str, dialect: CsvDialect) -> Document:
    """The parsed document, or a document that holds only the finding that ended it."""
    try:
        if format_name == "csv":
            return csv_reader.read_csv(payload, csv_reader.DELIMITERS[dialect])
        return _READERS[format_name](payload)
    except Broken as broken:
        return Document(findings=(broken.finding,))


def _read_json(text: str) -> Document:
    reader = Reader(text)
    try:
        value = reader.read()
    except NotStrict as error:
        raise Broken("syntax", error.flaw.message, (error.flaw.line, error.flaw.column)) from error
    lines = Lines(text)
    places = {way: lines.position(offset) for way, offset in reader.places.items()}
    return Document(value, True, places, (), len(places))


_READERS: Mapping[str, Callable[[str], Document]] = {
    "json": _read_json,
    "yaml": yaml_reader.read_yaml,
    "xml": xml_reader.read_xml,
}
