"""xlsx, by openpyxl: the values that were last computed, row by row; formulas are not computed."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from openpyxl import load_workbook
from openpyxl.reader import excel
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.reading.broken import BROKEN
from services.mcp.tools.served.documents.reading.package import Package

_MAX_COLUMNS = 512
_MAX_ROWS = 200_000
_WRONG = (InvalidFileException, *BROKEN)


class _Unmeasured(ReadOnlyWorksheet):
    """A sheet without its size: if the file does not state it, the size costs a second pass over the sheet."""

    def _get_size(self) -> None:
        """Leave the size unknown; rows are read with bounds of our own."""


def open_book(content: bytes) -> Workbook:
    """Read rows on access. Raises ToolError."""
    Package(content).without_declarations()
    excel.ReadOnlyWorksheet = _Unmeasured  # type: ignore[misc,attr-defined,unused-ignore]  # it takes no class of ours
    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except _WRONG as error:
        raise ToolError("invalid_argument", "the file is a broken workbook") from error


def sheet_text(book: Workbook, name: str) -> Iterator[str]:
    """Yield a heading and a sheet's rows, cells apart by tabs; empty rows are left out. Raises ToolError."""
    yield f"## {name}\n"
    sheet = book[name]
    try:
        for row in sheet.iter_rows(max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True):
            if row.count(None) == len(row):
                continue
            if line := "\t".join(map(_shown, row)).rstrip("\t"):
                yield line + "\n"
    except _WRONG as error:
        raise ToolError("invalid_argument", "the file is a broken workbook") from error


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case int() | float() | Decimal() | timedelta():
            return str(value)
    return " ".join(str(value).split())
