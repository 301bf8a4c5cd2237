"""Any file, its text."""

import re

from openpyxl.workbook.workbook import Workbook

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.jobs import MAX_DOCUMENT_BYTES, ReadFormat, ReadJob, TextRead
from services.mcp.tools.served.documents.reading.kinds import kind_of
from services.mcp.tools.served.documents.reading.office import slide_names, slide_text, word_text
from services.mcp.tools.served.documents.reading.package import Package
from services.mcp.tools.served.documents.reading.pages import open_pdf, page_texts
from services.mcp.tools.served.documents.reading.pieces import Gathered
from services.mcp.tools.served.documents.reading.sheets import open_book, sheet_text
from services.mcp.tools.served.web.markup import readable

_BLANK_LINES = re.compile(r"\n{3,}")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read(job: ReadJob) -> TextRead:
    """Text of a document. Raises ToolError for an unreadable one, or one that is too large unpacked."""
    content = job.content
    if len(content) > MAX_DOCUMENT_BYTES:
        raise ToolError("limit_exceeded", f"bytes of a document: the limit is {MAX_DOCUMENT_BYTES:,}")
    kind = kind_of(content, job.filename, job.content_type)
    gathered = Gathered(job.max_chars)
    parts, parts_read, part_kind = _gather(kind, content, gathered)
    text = gathered.text().encode("utf-8", "replace").decode()  # PDF files hold halves of characters
    return TextRead(
        format=kind, text=text, truncated=gathered.full, parts=parts, parts_read=parts_read, part_kind=part_kind
    )


def _gather(kind: ReadFormat, content: bytes, gathered: Gathered) -> tuple[int, int, str]:
    """Gather the text; return the number of parts, the number read, and their unit."""
    match kind:
        case "pdf":
            reader = open_pdf(content)
            return len(reader.pages), gathered.add_all(page_texts(reader)), "pages"
        case "pptx":
            package = Package(content)
            names = slide_names(package)
            return len(names), gathered.add_all(slide_text(package, name) for name in names), "slides"
        case "xlsx":
            book = open_book(content)
            return len(book.sheetnames), _gather_sheets(book, gathered), "sheets"
        case "docx":
            gathered.add_all(word_text(Package(content)))
        case "html":
            page = readable(_decoded(content))
            gathered.add(_tidied(f"{page.title}\n\n{page.text}"))
        case _:
            gathered.add(_decoded(content))
    return 1, 1, "documents"


def _gather_sheets(book: Workbook, gathered: Gathered) -> int:
    looked_at = 0
    for name in book.sheetnames:
        gathered.add_all(sheet_text(book, name))
        looked_at += 1
        if gathered.full:
            break
    return looked_at


def _tidied(text: str) -> str:
    """Lines without spaces around them, and no two empty ones in a row."""
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip() + "\n"


def _decoded(content: bytes) -> str:
    """By its byte-order mark, else as UTF-8, else as the code page of western Windows, which accepts any byte."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
