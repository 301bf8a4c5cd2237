"""`grid_repr`: a grid of cells as text, with its size, colours and rows counted (ARC style)."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel

MAX_CHARS = 20_000
MAX_LABEL_CHARS = 80
MAX_SIDE = 100
MAX_CELL_CHARS = 8
RULE = "rows from the top and columns from the left, both counted from 0; cells of equal width, set to the right"
Rows: TypeAlias = list[list[str]]
_TWO_NUMBERS = re.compile(r"\d\s+-?\d", re.ASCII)


class GridArguments(ToolModel):
    """A grid: JSON rows `[[0,1],[2,3]]`, or lines of cells parted by spaces, commas, bars or nothing at all."""

    data: str = Field(min_length=1, max_length=MAX_CHARS)
    label: str = Field("", max_length=MAX_LABEL_CHARS)


class CellCount(ToolModel):
    """How often a cell value occurs."""

    value: str
    count: int


class GridResult(ToolModel):
    """The grid. `text` is the drawing with row and column numbers, `compact` the bare cells."""

    label: str
    rows: int
    columns: int
    text: str
    compact: str
    cells: tuple[tuple[str, ...], ...]
    counts: tuple[CellCount, ...] = Field(description="Most frequent first, then by value")
    symmetric_left_right: bool
    symmetric_top_bottom: bool
    symmetric_diagonal: bool
    rule: str = RULE


def grid_repr(arguments: GridArguments) -> GridResult:
    """Raises ToolError for rows of different lengths and for a side over `MAX_SIDE`."""
    rows = _checked(_read(arguments.data.strip()))
    by_count = sorted((-count, value) for value, count in Counter(cell for row in rows for cell in row).items())
    return GridResult(
        label=arguments.label,
        rows=len(rows),
        columns=len(rows[0]),
        text=_drawn(rows, arguments.label),
        compact="\n".join(_joined(row, _width(rows)) for row in rows),
        cells=tuple(tuple(row) for row in rows),
        counts=tuple(CellCount(value=value, count=-fewer) for fewer, value in by_count),
        symmetric_left_right=all(row == row[::-1] for row in rows),
        symmetric_top_bottom=rows == rows[::-1],
        symmetric_diagonal=rows == [list(column) for column in zip(*rows, strict=True)],
    )


def _read(text: str) -> Rows:
    return _json_rows(text) if text.startswith("[") else [_cells(line) for line in text.splitlines() if line.strip()]


def _json_rows(text: str) -> Rows:
    try:
        grid = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ToolError("invalid_argument", "data: not JSON; write rows as [[0,1],[2,3]]") from error
    if not all(isinstance(row, list) for row in grid):
        raise ToolError("invalid_argument", "data: a grid is a list of rows, such as [[0,1],[2,3]]")
    return [[_cell(cell) for cell in row] for row in grid]


def _cell(cell: object) -> str:
    if isinstance(cell, bool) or not isinstance(cell, int | str):
        raise ToolError("invalid_argument", "data: a cell is a whole number or a text")
    return str(cell)


def _cells(line: str) -> list[str]:
    separators = ["|"] if "|" in line else [separator for separator in ",;\t" if separator in line]
    if not separators:
        return line.split() if " " in line.strip() else list(line.strip())
    cells = [cell.strip() for cell in line.strip().strip("|").split(separators[0])]
    if len(separators) > 1 or any(_TWO_NUMBERS.search(cell) for cell in cells):
        raise ToolError("ambiguous", "data: part the cells of a row by one kind of separator, as in 1,2,3")
    return cells


def _checked(rows: Rows) -> Rows:
    if not rows or not rows[0]:
        raise ToolError("invalid_argument", "data: the grid has no cells")
    if len({len(row) for row in rows}) > 1:
        raise ToolError("invalid_argument", "data: the rows have different lengths")
    if max(len(rows), len(rows[0])) > MAX_SIDE:
        raise ToolError("limit_exceeded", f"data: the limit is {MAX_SIDE} rows and columns")
    if _width(rows) > MAX_CELL_CHARS or not all(cell.isprintable() for row in rows for cell in row):
        raise ToolError("limit_exceeded", f"data: a cell has at most {MAX_CELL_CHARS} printable characters")
    return rows


def _width(rows: Rows) -> int:
    return max(len(cell) for row in rows for cell in row)


def _joined(cells: Sequence[str], width: int) -> str:
    return " ".join(cell.rjust(width) for cell in cells)


def _drawn(rows: Rows, label: str) -> str:
    width = max(_width(rows), len(str(len(rows[0]) - 1)))
    margin = len(str(len(rows) - 1))
    head = f"{'':{margin}} | {_joined([str(number) for number in range(len(rows[0]))], width)}"
    rule = f"{'-' * margin}-+-{'-' * (len(head) - margin - 3)}"
    body = [f"{number:>{margin}} | {_joined(row, width)}" for number, row in enumerate(rows)]
    title = [f"{label} ({len(rows)}x{len(rows[0])})"] if label else []
    return "\n".join([*title, head, rule, *body])


def phrase(result: GridResult, style: AnswerStyle) -> str:
    """Size and the most frequent values."""
    most = ", ".join(f"{found.value}: {found.count}" for found in result.counts[:5])
    name = f" {result.label}" if result.label else ""
    if style.language == "de":
        return f"Gitter{name} mit {result.rows} Zeilen und {result.columns} Spalten; Werte: {most}."
    return f"Grid{name} of {result.rows} rows and {result.columns} columns; values: {most}."


GRID_REPR = Tool(
    name="grid_repr",
    description=Bilingual(
        en="Draw a grid of cells as text with numbered rows and columns, counts and symmetries",
        de="Ein Gitter aus Zellen als Text zeichnen, mit Zeilen- und Spaltennummern, Anzahlen und Symmetrien",
    ),
    keywords=Bilingual(
        en="grid matrix cells arc table draw rows columns puzzle colours", de="gitter raster zellen arc zeichnen rätsel"
    ),
    arguments=GridArguments,
    result=GridResult,
    run=grid_repr,
    answer=phrase,
    limits=(
        Limit(name="data_chars", value=MAX_CHARS, unit="characters"),
        Limit(name="label_chars", value=MAX_LABEL_CHARS, unit="characters"),
        Limit(name="side", value=MAX_SIDE, unit="rows and columns"),
        Limit(name="cell_chars", value=MAX_CELL_CHARS, unit="characters of a cell"),
    ),
    example=Example(
        args={"data": "[[0,1,0],[1,2,1]]", "label": "input"},
        result={
            "label": "input",
            "rows": 2,
            "columns": 3,
            "text": "input (2x3)\n  | 0 1 2\n--+------\n0 | 0 1 0\n1 | 1 2 1",
            "compact": "0 1 0\n1 2 1",
            "cells": [["0", "1", "0"], ["1", "2", "1"]],
            "counts": [{"value": "1", "count": 3}, {"value": "0", "count": 2}, {"value": "2", "count": 1}],
            "symmetric_left_right": True,
            "symmetric_top_bottom": False,
            "symmetric_diagonal": False,
            "rule": RULE,
        },
        answer="Grid input of 2 rows and 3 columns; values: 1: 3, 0: 2, 2: 1.",
    ),
    error_example=ErrorExample(args={"data": "[[0,1],[2]]"}, code="invalid_argument"),
)
