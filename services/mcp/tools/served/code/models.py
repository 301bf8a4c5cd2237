"""Arguments and results of the code tools."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.served.documents.jobs import Symbol

MAX_PATH_CHARS = 400
MAX_DEPTH = 10
MAX_CHUNK_LINES = 200
MAX_LINE_CHARS = 1000
MAX_MAP_FILES = 500
MAX_MAP_SYMBOLS = 3000
MAX_FOUND = 100

LINE_RULE = "lines count from 1; a longer line than 1,000 characters is cut"
MAP_RULE = "names that begin with a dot, fetched packages and built files are left out; large programs have no symbols"
PLACE_RULE = "lines count from 1, columns from 0"

Action = Literal["signature", "find_references", "completions"]


class RepoMapArguments(ToolModel):
    """A folder of the workspace and how many folders deep to look."""

    path: str = Field(".", min_length=1, max_length=MAX_PATH_CHARS)
    max_depth: int = Field(3, ge=1, le=MAX_DEPTH)


class ReadFileChunkedArguments(ToolModel):
    """A file of the workspace and which lines of it, both ends included."""

    file_path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    start_line: int = Field(1, ge=1, le=10_000_000)
    end_line: int = Field(50, ge=1, le=10_000_000)


class LspQueryArguments(ToolModel):
    """A Python file and what to find out, about a name in it or about a place (`line` 0: the name's first)."""

    file_path: str = Field(min_length=1, max_length=MAX_PATH_CHARS)
    action: Action
    symbol: str = Field("", max_length=200, pattern=r"^[\w.]*$")
    line: int = Field(0, ge=0, le=1_000_000)
    col: int = Field(0, ge=0, le=10_000)


class MappedFile(ToolModel):
    """A file and what it defines."""

    path: str
    bytes: int
    symbols: tuple[Symbol, ...] = ()


class RepoMapResult(ToolModel):
    """What is below a folder. `truncated`: there is more than the limits show."""

    path: str
    folders: tuple[str, ...]
    files: tuple[MappedFile, ...]
    file_count: int
    symbol_count: int
    truncated: bool
    rule: str = MAP_RULE


class ReadFileChunkedResult(ToolModel):
    """Some lines of a file."""

    file_path: str
    start_line: int
    end_line: int
    total_lines: int
    text: str
    lines_cut: int = Field(description="lines that were longer than 1,000 characters")
    rule: str = LINE_RULE


class CodePlace(ToolModel):
    """A name in a file; `file` is null for what is not in the workspace, `text` is the line that it stands in."""

    name: str
    kind: str
    module: str
    file: str | None
    line: int | None
    col: int | None
    text: str


class LspQueryResult(ToolModel):
    """What is known about a name. `signatures` and `documentation` are for `signature`."""

    file_path: str
    action: Action
    signatures: tuple[str, ...] = ()
    documentation: str = ""
    found: tuple[CodePlace, ...] = ()
    truncated: bool = False
    engine: str
    rule: str = PLACE_RULE
