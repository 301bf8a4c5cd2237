"""PDF, by pypdf: the text of pages, as the file has it. What was scanned has none."""

import io
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.reading.broken import BROKEN

MAX_PAGES = 3000
_WRONG = (PyPdfError, *BROKEN)


def open_pdf(content: bytes) -> PdfReader:
    """Read pages on access. Raises ToolError."""
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ToolError("invalid_argument", "the PDF needs a password")
        pages = len(reader.pages)
    except _WRONG as error:
        raise ToolError("invalid_argument", "the PDF is broken or protected") from error
    if pages > MAX_PAGES:
        raise ToolError("limit_exceeded", f"pages of a PDF: the limit is {MAX_PAGES:,}")
    return reader


def page_texts(reader: PdfReader) -> Iterator[str]:
    """Yield the text of each page. Raises ToolError."""
    for page in reader.pages:
        try:
            yield page.extract_text() + "\n\n"
        except _WRONG as error:
            raise ToolError("invalid_argument", "a page of the PDF is broken") from error
