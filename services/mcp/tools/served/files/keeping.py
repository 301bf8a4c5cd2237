"""`file_upload` and `file_download_url`: store a file, and create a link to a stored one."""

from base64 import b64decode
from binascii import Error as Base64Error

from libs.ports.objects import NewObject, ObjectKey
from services.mcp.contract import (
    Annotations,
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
)
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.models import (
    MAX_BASE64_CHARS,
    MAX_HOURS,
    MAX_UPLOAD_BYTES,
    FileDownloadUrlArguments,
    FileUploadArguments,
    KeptFile,
)
from services.mcp.tools.served.files.names import safe_name

KEEPS = Annotations(read_only=False, idempotent=False)
_HOUR_S = 3600
_OTHER_BYTES = 16 * 1024  # of a call, beside the file
_LIMIT = Limit(name="kept", value=MAX_HOURS, unit="hours at most")


def file_upload(links: FileLinks | None, unavailable: str | None) -> ServedTool[FileUploadArguments, KeptFile]:
    async def run(arguments: FileUploadArguments, caller: Caller) -> KeptFile:
        if links is None:
            raise ToolError("unavailable", unavailable or "")
        new = NewObject(safe_name(arguments.filename), arguments.content_type, _content(arguments.content_base64))
        return await links.store_file(caller.tenant, arguments.bucket, new)

    return ServedTool(
        name="file_upload",
        description=Bilingual(
            en="Keep a file for 24 hours and get its name and a link", de="Eine Datei 24 Stunden aufbewahren, mit Link"
        ),
        keywords=Bilingual(
            en="upload store keep attach file base64 bucket", de="hochladen ablegen aufbewahren anhängen datei base64"
        ),
        group="files",
        arguments=FileUploadArguments,
        result=KeptFile,
        run=run,
        answer=phrase,
        limits=(Limit(name="bytes", value=MAX_UPLOAD_BYTES, unit="bytes"), _LIMIT),
        example=_UPLOADED,
        error_example=ErrorExample(
            args={"content_base64": "not base64!", "filename": "a.txt"}, code="invalid_argument"
        ),
        annotations=KEEPS,
        unavailable=unavailable,
        request_bytes=MAX_BASE64_CHARS + _OTHER_BYTES,
    )


def file_download_url(
    links: FileLinks | None, unavailable: str | None
) -> ServedTool[FileDownloadUrlArguments, KeptFile]:
    """A longer link extends the storage of the file: the call has an effect and is repeatable."""

    async def run(arguments: FileDownloadUrlArguments, caller: Caller) -> KeptFile:
        if links is None:
            raise ToolError("unavailable", unavailable or "")
        place = ObjectKey(caller.tenant, arguments.bucket, arguments.object_name)
        return await links.link(place, arguments.expires_hours * _HOUR_S)

    return ServedTool(
        name="file_download_url",
        description=Bilingual(
            en="A link to a kept file, for 1 to 168 hours",
            de="Ein Link zu einer aufbewahrten Datei für 1 bis 168 Stunden",
        ),
        keywords=Bilingual(
            en="download link url file share expires presigned", de="herunterladen link url datei teilen gültig ablauf"
        ),
        group="files",
        arguments=FileDownloadUrlArguments,
        result=KeptFile,
        run=run,
        answer=phrase,
        limits=(_LIMIT,),
        example=_LINKED,
        error_example=ErrorExample(args={"object_name": "../../etc/passwd"}, code="invalid_argument"),
        annotations=KEEPS,
        unavailable=unavailable,
    )


def phrase(result: KeptFile, style: AnswerStyle) -> str:
    if style.language == "de":
        return f"{result.filename} liegt bis {result.url_expires_at} unter {result.url} bereit."
    return f"{result.filename} is at {result.url} until {result.url_expires_at}."


def _content(content_base64: str) -> bytes:
    try:
        content = b64decode(content_base64, validate=True)
    except (Base64Error, ValueError) as error:
        raise ToolError("invalid_argument", "content_base64: not base64 (RFC 4648, with padding)") from error
    if len(content) > MAX_UPLOAD_BYTES:
        raise ToolError("limit_exceeded", f"bytes of a file: the limit is {MAX_UPLOAD_BYTES}")
    return content


_NAME = "9f86d081884c7d659a2feaa0c55ad015.txt"
_URL = "http://127.0.0.1:8003/downloads/kQ1Tj0…"
_KEPT = {
    "object_name": _NAME,
    "bucket": "files",
    "filename": "note.txt",
    "content_type": "text/plain",
    "bytes": 5,
    "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    "url": _URL,
    "url_expires_at": "2026-05-02T10:00:00Z",
    "kept_until": "2026-05-02T10:00:00Z",
    "rule": KeptFile.model_fields["rule"].default,
}
_UPLOADED = Example(
    args={"content_base64": "aGVsbG8=", "filename": "note.txt", "content_type": "text/plain"},
    result=dict(_KEPT),
    answer=f"note.txt is at {_URL} until 2026-05-02T10:00:00Z.",
)
_LINKED = Example(
    args={"object_name": _NAME, "expires_hours": 48},
    result=dict(_KEPT) | {"url_expires_at": "2026-05-03T10:00:00Z", "kept_until": "2026-05-03T10:00:00Z"},
    answer=f"note.txt is at {_URL} until 2026-05-03T10:00:00Z.",
)
