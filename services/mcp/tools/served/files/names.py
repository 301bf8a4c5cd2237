"""Untrusted names and formats of files."""

import re
from collections.abc import Mapping

from libs.core.printable import DIRECTION_MARKS
from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.jobs import WrittenFormat

MAX_NAME_CHARS = 100
BUCKET = r"^[a-z0-9][a-z0-9-]{0,39}$"
OBJECT = r"^[0-9a-f]{32}(\.[a-z0-9]{1,8})?$"
MEDIA_TYPE = r"^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}$"
UNKNOWN_TYPE = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES: Mapping[WrittenFormat, str] = {
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "pdf": "application/pdf",
}
# Characters that mean something in a path, a shell or a header, and those that turn the direction of writing.
_UNWANTED = re.compile(rf"[\x00-\x1f\x7f/\\:*?\"<>|{DIRECTION_MARKS}\ud800-\udfff]+")


def safe_name(name: str) -> str:
    """File name without folders and unwanted characters. Raises ToolError if it is empty then."""
    last = re.split(r"[/\\]", name)[-1]
    safe = _UNWANTED.sub("_", last).strip(" .")[:MAX_NAME_CHARS].strip(" .")
    if not safe.strip("_"):
        raise ToolError("invalid_argument", "filename: give it at least one letter or digit")
    return safe


def with_ending(name: str, ending: WrittenFormat) -> str:
    """A safe name with the extension of a format."""
    safe = safe_name(name)
    return safe if safe.lower().endswith(f".{ending}") else f"{safe}.{ending}"
