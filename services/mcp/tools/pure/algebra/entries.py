"""Matrices as arguments: rows of numbers, fractions as "1/3"."""

from typing import Annotated, TypeAlias

from pydantic import Field

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.linear import Matrix
from services.mcp.tools.pure.number_argument import MAX_NUMBER_CHARS, NumberText, read_number

MAX_SIZE = 12
MAX_ENTRY_CHARS = MAX_NUMBER_CHARS
Column: TypeAlias = Annotated[list[NumberText], Field(min_length=1, max_length=MAX_SIZE)]
Rows: TypeAlias = Annotated[
    list[Column],
    Field(min_length=1, max_length=MAX_SIZE, description='Rows of numbers; fractions as strings such as "1/3"'),
]


def read_matrix(rows: list[list[str]], name: str) -> Matrix:
    """Raises ToolError(invalid_argument) for rows of different length and for entries that are no numbers."""
    if len({len(row) for row in rows}) > 1:
        raise ToolError("invalid_argument", f"{name}: all rows need the same length")
    return tuple(tuple(read_number(entry, name) for entry in row) for row in rows)


def rows_text(matrix: Matrix) -> list[list[str]]:
    """Entries as text: integers and fractions p/q."""
    return [[str(entry) for entry in row] for row in matrix]
