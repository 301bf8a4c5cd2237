"""Jobs of the document workers, as the service sends them."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import ToolModel

MAX_CONTENT_CHARS = 100_000
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
MAX_TEXT_CHARS = 200_000

WrittenFormat = Literal["html", "md", "txt", "csv", "docx", "xlsx", "pptx", "pdf"]
ReadFormat = Literal["pdf", "docx", "xlsx", "pptx", "html", "csv", "txt"]


class WriteJob(ToolModel):
    """Write a document from Markdown or, for tables, from CSV."""

    content: str = Field(max_length=MAX_CONTENT_CHARS)
    title: str = Field(max_length=200)
    format: WrittenFormat


class Written(ToolModel):
    """A document. `parts` counts pages, slides or rows; `replaced` characters that the format's fonts do not have."""

    content_base64: str
    parts: int
    part_kind: str
    replaced: int = 0


class ReadJob(ToolModel):
    """Read a document. Name and media type matter only if the content does not identify the format."""

    content: bytes
    filename: str
    content_type: str
    max_chars: int = Field(ge=1, le=MAX_TEXT_CHARS)


class TextRead(ToolModel):
    """The text of a document, cut at `max_chars`; it covers `parts_read` of `parts` pages, slides or sheets."""

    format: ReadFormat
    text: str
    truncated: bool
    parts: int
    parts_read: int
    part_kind: str


class SourceFile(ToolModel):
    """A file of a program, by its path inside the workspace."""

    path: str
    text: str


class SymbolsJob(ToolModel):
    """List the definitions in program files."""

    files: tuple[SourceFile, ...]


class Symbol(ToolModel):
    """A definition: `kind` as the language calls it, `parent` the class that it is in."""

    kind: str
    name: str
    line: int
    parent: str | None = None


class SymbolsOfFile(ToolModel):
    """What one file defines. `readable` is false for one that is not a program of its language."""

    path: str
    symbols: tuple[Symbol, ...]
    readable: bool = True


class SymbolsFound(ToolModel):
    files: tuple[SymbolsOfFile, ...]
