"""Format of a file: by its first bytes; by name and media type only if those are inconclusive."""

import io
import re
import zipfile
from collections.abc import Mapping

from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.jobs import ReadFormat

_MAIN_PARTS: Mapping[str, ReadFormat] = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_HTML = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HEAD_BYTES = 2048
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def kind_of(content: bytes, filename: str, content_type: str) -> ReadFormat:
    """Raises ToolError for a format without readable text."""
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"PK"):
        return _office(content)
    if content.startswith(_OLD_OFFICE):
        raise ToolError("invalid_argument", "the file is of an old Office format: save it as docx, xlsx or pptx")
    if b"\x00" in content[:_HEAD_BYTES] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ToolError("invalid_argument", "the file is binary and of no format that is read here")
    return _text_kind(content, filename.lower(), content_type)


def _text_kind(content: bytes, filename: str, content_type: str) -> ReadFormat:
    if _HTML.match(content[:_HEAD_BYTES]) or "html" in content_type or filename.endswith((".html", ".htm")):
        return "html"
    return "csv" if "csv" in content_type or filename.endswith((".csv", ".tsv")) else "txt"


def _office(content: bytes) -> ReadFormat:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, RuntimeError, UnicodeDecodeError) as error:
        raise ToolError("invalid_argument", "the file is a broken archive") from error
    found = [kind for part, kind in _MAIN_PARTS.items() if part in names]
    if len(found) != 1:
        raise ToolError("invalid_argument", "the archive is no docx, xlsx or pptx")
    return found[0]
