"""One content, any format."""

from base64 import b64encode

from services.mcp.tools.served.documents.jobs import WriteJob, Written
from services.mcp.tools.served.documents.writing.blocks import blocks_of
from services.mcp.tools.served.documents.writing.cleaning import cleaned
from services.mcp.tools.served.documents.writing.page import html_page
from services.mcp.tools.served.documents.writing.pdf import pdf_file
from services.mcp.tools.served.documents.writing.slides import slides_file
from services.mcp.tools.served.documents.writing.tables import csv_file, rows_of, xlsx_file
from services.mcp.tools.served.documents.writing.text import plain_text
from services.mcp.tools.served.documents.writing.word import word_file


def write(job: WriteJob) -> Written:
    """Raises ToolError over a limit of the format."""
    content, title = cleaned(job.content), cleaned(job.title)
    match job.format:
        case "csv" | "xlsx":
            rows = rows_of(content)
            return _written((csv_file if job.format == "csv" else xlsx_file)(rows), len(rows), "rows")
        case "pptx":
            return _written(*slides_file(blocks_of(content), title), "slides")
        case "pdf":
            body, pages, replaced = pdf_file(blocks_of(content), title)
            return _written(body, pages, "pages", replaced)
        case "docx":
            blocks = blocks_of(content)
            return _written(word_file(blocks, title), len(blocks), "blocks")
        case "html":
            text = html_page(content, title)
        case "txt":
            text = plain_text(blocks_of(content))
        case "md":
            text = content
    return _written(text.encode(), text.count("\n") + (not text.endswith("\n")), "lines")


def _written(body: bytes, parts: int, part_kind: str, replaced: int = 0) -> Written:
    return Written(content_base64=b64encode(body).decode(), parts=parts, part_kind=part_kind, replaced=replaced)
