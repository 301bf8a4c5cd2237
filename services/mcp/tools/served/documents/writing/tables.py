"""Tables: from CSV or from tables in Markdown to CSV and xlsx, in which no cell is ever a formula."""

import csv
import io
import re
from collections.abc import Sequence

import xlsxwriter

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.writing.blocks import Table, blocks_of, plain

MAX_CELLS = 50_000
MAX_COLUMNS = 256
MAX_CELL_CHARS = 32_767  # of a cell in xlsx
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 20
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,14})?", re.ASCII)
_DIGITS = 15  # that a number in xlsx has
# What spreadsheets leave out before they look at a cell, and what they then take for the beginning of a formula: ours,
# the full-width forms of it, also after white space.
_UNSEEN = r"\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"[{_UNSEEN}]*[{_SIGNS}]|\s*[\t\r]")
_FORMULA_INSIDE = re.compile(rf"[{_UNSEEN}\"]*[{_SIGNS}]")
# What cuts cells where the comma is no delimiter: there a quotation mark in the middle of a cell guards nothing.
_CUT = re.compile(r"([;\t|\r\n])")
_SIGNED = re.compile(r"[+-]\d{1,15}([.,]\d{1,15})?%?", re.ASCII)

Rows = Sequence[Sequence[str]]


def rows_of(content: str) -> Rows:
    """Rows of all tables in Markdown or, if there are none, of CSV. Raises ToolError over a limit."""
    tables = [block for block in blocks_of(content) if isinstance(block, Table)] if "|" in content else []
    rows = [[plain(cell) for cell in row] for table in tables for row in table.rows] or _csv_rows(content)
    if max(map(len, rows), default=0) > MAX_COLUMNS:
        raise ToolError("limit_exceeded", f"columns of a table: the limit is {MAX_COLUMNS}")
    if sum(map(len, rows)) > MAX_CELLS:
        raise ToolError("limit_exceeded", f"cells of a table: the limit is {MAX_CELLS:,}")
    return rows


def csv_file(rows: Rows) -> bytes:
    """CSV as in RFC 4180, in UTF-8. An apostrophe precedes text that reads like a formula.

    That is at the beginning of a cell, and after separators of some spreadsheets: `;`, `|`, tab, line.
    """
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue().encode()


def xlsx_file(rows: Rows) -> bytes:
    """Workbook of one sheet: plain numbers of at most 15 digits as numbers, all else as text."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        sheet = book.add_worksheet("Table")
        heading = book.add_format({"bold": True})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                _write_cell(sheet, (number, column), cell[:MAX_CELL_CHARS], None if number else heading)
    return written.getvalue()


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet, where: tuple[int, int], cell: str, look: xlsxwriter.format.Format | None
) -> None:
    if _NUMBER.fullmatch(cell) and sum(map(str.isdigit, cell)) <= _DIGITS:
        sheet.write_number(*where, float(cell), look)
    else:
        sheet.write_string(*where, cell, look)


def _harmless(cell: str) -> str:
    first, *inside = _CUT.split(cell)  # separators of the cell, and pieces, by turns
    begins = _FORMULA.match(cell) and not _SIGNED.fullmatch(cell)
    marked = [f"'{piece}" if _FORMULA_INSIDE.match(piece) else piece for piece in inside]
    return ("'" if begins else "") + first + "".join(marked)


def _csv_rows(content: str) -> Rows:
    try:
        return list(csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content), strict=False))
    except csv.Error as error:
        raise ToolError("invalid_argument", "content: a cell of the table is longer than 131,072 characters") from error


def _delimiter(content: str) -> str:
    """Delimiter that cuts the first rows into the most columns, and all of them into as many."""
    head = content.splitlines()[:_SAMPLE_ROWS]

    def columns(delimiter: str) -> int:
        widths = {len(row) for row in csv.reader(head, delimiter=delimiter) if row}
        return min(widths) if len(widths) == 1 else 1

    try:
        return max(_DELIMITERS, key=columns)
    except csv.Error:
        return ","
