"""CSV read by RFC 4180 with a delimiter of choice, every field with its place."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from pydantic import JsonValue

from services.mcp.tools.pure.data.json_reader import Lines, Place
from services.mcp.tools.pure.data.structured_validate.document import (
    MAX_DIAGNOSTICS,
    Broken,
    Diagnostic,
    Document,
    Position,
    finding,
)

DELIMITERS = {"comma": ",", "excel": ",", "unix": ",", "semicolon": ";", "tab": "\t", "excel-tab": "\t", "pipe": "|"}
RULE = (
    "RFC 4180 with the delimiter of the dialect; the first row names the columns; rows of one length; quotes only "
    "around whole fields, doubled inside; lines end with CRLF or LF; empty lines are skipped with a warning"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A field and where it begins; an empty line has one too, and it is not quoted."""

    text: str
    position: Position
    quoted: bool = False


def read_csv(text: str, delimiter: str) -> Document:
    """Rows as objects by column name, all texts. Raises Broken for broken quoting and no header."""
    findings: list[Diagnostic] = []
    rows = [row for row in _Scanner(text, delimiter).rows() if _has_cells(row, findings)]
    if not rows:
        raise Broken("empty", "there is no header row", None)
    header, *body = rows
    uneven = (_length_finding(row, len(header)) for row in body if len(row) != len(header))
    findings += islice(chain(_header_findings(header), uneven), MAX_DIAGNOSTICS)
    if any(found.severity == "error" for found in findings):
        return Document(findings=tuple(findings), parts=len(body))
    names = [cell.text for cell in header]
    value: list[JsonValue] = [{name: cell.text for name, cell in zip(names, row, strict=True)} for row in body]
    return Document(value, True, dict(_places(names, body)), tuple(findings), len(body))


def _has_cells(row: Sequence[Cell], findings: list[Diagnostic]) -> bool:
    if len(row) > 1 or row[0].text or row[0].quoted:
        return True
    if len(findings) < MAX_DIAGNOSTICS:
        findings.append(finding("warning", "empty_line", "an empty line was skipped", row[0].position))
    return False


def _header_findings(header: Sequence[Cell]) -> Iterator[Diagnostic]:
    counts = Counter(cell.text for cell in header)
    for cell in header:
        if not cell.text.strip():
            yield finding("error", "header", "a column has no name", cell.position)
        elif counts[cell.text] > 1:
            yield finding("error", "header", "two columns have the same name", cell.position)


def _length_finding(row: Sequence[Cell], expected: int) -> Diagnostic:
    message = f"the row has {len(row)} fields, the header has {expected}"
    return finding("error", "row_length", message, row[0].position)


def _places(names: Sequence[str], body: Sequence[Sequence[Cell]]) -> Iterator[tuple[Place, Position]]:
    yield (), (1, 1)
    for number, row in enumerate(body):
        yield (number,), row[0].position
        for name, cell in zip(names, row, strict=True):
            yield (number, name), cell.position


class _Scanner:
    """Takes one field after the other."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._bare = re.compile(rf'[^"\r\n{re.escape(delimiter)}]*')
        self._position = Lines(text).position
        self._at = 1 if text.startswith("\ufeff") else 0

    def rows(self) -> Iterator[list[Cell]]:
        row: list[Cell] = []
        while self._at < len(self._text) or row:
            row.append(self._cell())
            if self._text.startswith(self._delimiter, self._at):
                self._at += 1
                continue
            self._end_line()
            yield row
            row = []

    def _cell(self) -> Cell:
        position = self._position(self._at)
        if self._text.startswith('"', self._at):
            return Cell(self._quoted(position), position, quoted=True)
        found = self._bare.match(self._text, self._at)
        self._at = found.end() if found else self._at
        if self._text.startswith('"', self._at):
            raise Broken("quote", "a quote inside a field that is not quoted", self._position(self._at))
        return Cell(found.group() if found else "", position)

    def _quoted(self, position: Position) -> str:
        """Take a field from its opening quote to behind its closing one."""
        start = self._at + 1
        while True:
            self._at = self._text.find('"', self._at + 1)
            if self._at < 0:
                raise Broken("quote", "a quoted field has no end", position)
            if not self._text.startswith('""', self._at):
                break
            self._at += 1
        self._at += 1
        return self._text[start : self._at - 1].replace('""', '"')

    def _end_line(self) -> None:
        if self._at == len(self._text):
            return
        ending = next((mark for mark in ("\r\n", "\n") if self._text.startswith(mark, self._at)), None)
        if ending is None:
            bare = self._text[self._at] == "\r"
            message = "a carriage return without a line feed" if bare else "text after the quote that closes a field"
            raise Broken("newline" if bare else "quote", message, self._position(self._at))
        self._at += len(ending)
