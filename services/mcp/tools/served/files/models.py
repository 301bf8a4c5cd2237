"""Arguments and results of the file tools."""

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.served.documents.jobs import MAX_CONTENT_CHARS, ReadFormat, WrittenFormat
from services.mcp.tools.served.files.names import BUCKET, MAX_NAME_CHARS, MEDIA_TYPE, OBJECT, UNKNOWN_TYPE

MAX_HOURS = 168
USUAL_HOURS = 24
MAX_UPLOAD_BYTES = 3 * 1024 * 1024
MAX_BASE64_CHARS = MAX_UPLOAD_BYTES * 4 // 3 + 4
MAX_URL_CHARS = 2048
MAX_TEXT_CHARS = 100_000
BUCKET_NAME = "files"

KEPT_RULE = "kept for 24 hours, or as long as a link was asked for, at most 168; a link needs no key to download"
FORMULA_RULE = "in csv and xlsx no cell is a formula"
TEXT_RULE = "text as the file has it, in its order; formulas are not computed, images are not read"


class GenerateFileArguments(ToolModel):
    """Markdown (for csv and xlsx a table in Markdown, or CSV) and the format to write it in."""

    content: str = Field(min_length=1, max_length=MAX_CONTENT_CHARS)
    filename: str = Field("output", min_length=1, max_length=MAX_NAME_CHARS)
    format: WrittenFormat = "html"


class FileUploadArguments(ToolModel):
    """A file in base64."""

    content_base64: str = Field(min_length=1, max_length=MAX_BASE64_CHARS)
    filename: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    content_type: str = Field(UNKNOWN_TYPE, max_length=160, pattern=MEDIA_TYPE)
    bucket: str = Field(BUCKET_NAME, max_length=40, pattern=BUCKET)


class FileDownloadUrlArguments(ToolModel):
    """A kept file, and for how long its link is to work."""

    object_name: str = Field(max_length=41, pattern=OBJECT)
    bucket: str = Field(BUCKET_NAME, max_length=40, pattern=BUCKET)
    expires_hours: int = Field(USUAL_HOURS, ge=1, le=MAX_HOURS)


class ParseAttachmentArguments(ToolModel):
    """Where the file is: at a URL, or kept under `object_name`."""

    url: str = Field("", max_length=MAX_URL_CHARS)
    object_name: str = Field("", max_length=41, pattern=rf"^$|{OBJECT}")
    bucket: str = Field(BUCKET_NAME, max_length=40, pattern=BUCKET)
    max_chars: int = Field(6000, ge=1, le=MAX_TEXT_CHARS)


class FetchPdfTextArguments(ToolModel):
    """Where the PDF is."""

    url: str = Field(min_length=1, max_length=MAX_URL_CHARS)
    max_chars: int = Field(8000, ge=1, le=MAX_TEXT_CHARS)


class KeptFile(ToolModel):
    """A file that is kept, with a link to it. Times in UTC."""

    object_name: str
    bucket: str
    filename: str
    content_type: str
    bytes: int
    sha256: str
    url: str
    url_expires_at: str
    kept_until: str
    rule: str = KEPT_RULE


class GeneratedFile(KeptFile):
    """A file that was written; `parts` counts its pages, slides, rows, blocks or lines."""

    format: WrittenFormat
    parts: int
    part_kind: str
    replaced_characters: int = Field(description="shown as ? because the font of the format lacks them")
    formula_rule: str = FORMULA_RULE


class AttachmentText(ToolModel):
    """The text of a file; `parts_read` of its `parts` pages, slides or sheets are in it."""

    source: str
    format: ReadFormat
    text: str
    chars: int
    truncated: bool
    parts: int
    parts_read: int
    part_kind: str
    bytes: int
    sha256: str
    rule: str = TEXT_RULE
