"""`parse_attachment` and `fetch_pdf_text`: the text of a file from outside."""

import asyncio
import hashlib

from libs.core.text import capped
from libs.ports.objects import ObjectKey
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
from services.mcp.tools.served.documents.jobs import MAX_DOCUMENT_BYTES, ReadJob
from services.mcp.tools.served.documents.workshop import Workshop
from services.mcp.tools.served.files.models import (
    MAX_TEXT_CHARS,
    AttachmentText,
    FetchPdfTextArguments,
    ParseAttachmentArguments,
)
from services.mcp.tools.served.files.sources import AT_ONCE, Found, Sources

_LIMITS = (
    Limit(name="bytes", value=MAX_DOCUMENT_BYTES, unit="bytes"),
    Limit(name="text_chars", value=MAX_TEXT_CHARS, unit="characters"),
    Limit(name="at_once", value=AT_ONCE, unit="files that are read at once"),
)
_LOOKS_OUTSIDE = Annotations(idempotent=True, open_world=True)
_SAID_CHARS = 400
_TIMEOUT_S = 45.0


def parse_attachment(
    sources: Sources, workshop: Workshop, unavailable: str | None
) -> ServedTool[ParseAttachmentArguments, AttachmentText]:
    """Available as long as one of its sources is."""

    async def run(arguments: ParseAttachmentArguments, caller: Caller) -> AttachmentText:
        if bool(arguments.url) == bool(arguments.object_name):
            raise ToolError("invalid_argument", "give either url or object_name")
        async with sources.turn(caller):
            if arguments.url:
                found = await sources.from_url(arguments.url, caller)
            else:
                found = await sources.from_store(ObjectKey(caller.tenant, arguments.bucket, arguments.object_name))
            return await _read(found, workshop, arguments.max_chars, caller)

    return ServedTool(
        name="parse_attachment",
        description=Bilingual(
            en="The text of a file at a URL or kept here: pdf, docx, xlsx, pptx, csv, html, txt",
            de="Der Text einer Datei unter einer URL oder hier aufbewahrt: pdf, docx, xlsx, pptx, csv, html, txt",
        ),
        keywords=Bilingual(
            en="parse read extract attachment file document spreadsheet slides docx xlsx pptx csv pdf url",
            de="lesen auslesen anhang datei dokument tabelle folien docx xlsx pptx csv pdf url",
        ),
        group="files",
        arguments=ParseAttachmentArguments,
        result=AttachmentText,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_PARSED,
        error_example=ErrorExample(args={}, code="invalid_argument"),
        annotations=_LOOKS_OUTSIDE,
        unavailable=unavailable,
        timeout_s=_TIMEOUT_S,
    )


def fetch_pdf_text(sources: Sources, workshop: Workshop) -> ServedTool[FetchPdfTextArguments, AttachmentText]:
    async def run(arguments: FetchPdfTextArguments, caller: Caller) -> AttachmentText:
        async with sources.turn(caller):
            found = await sources.from_url(arguments.url, caller)
            if b"%PDF-" not in found.body[:1024]:
                raise ToolError("invalid_argument", "url: what is there is no PDF")
            return await _read(found, workshop, arguments.max_chars, caller)

    return ServedTool(
        name="fetch_pdf_text",
        description=Bilingual(en="The text of a PDF at a URL", de="Der Text einer PDF-Datei unter einer URL"),
        keywords=Bilingual(
            en="pdf fetch download read text paper report url", de="pdf laden lesen text aufsatz bericht url"
        ),
        group="research",
        arguments=FetchPdfTextArguments,
        result=AttachmentText,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_FETCHED,
        error_example=ErrorExample(args={"url": ""}, code="invalid_argument"),
        annotations=_LOOKS_OUTSIDE,
        unavailable=sources.no_web,
        timeout_s=_TIMEOUT_S,
    )


async def _read(found: Found, workshop: Workshop, max_chars: int, caller: Caller) -> AttachmentText:
    job = ReadJob(content=found.body, filename=found.filename, content_type=found.content_type, max_chars=max_chars)
    read = await workshop.read(job, caller.tenant)
    digest = await asyncio.to_thread(hashlib.sha256, found.body)
    return AttachmentText(
        source=found.source,
        chars=len(read.text),
        bytes=len(found.body),
        sha256=digest.hexdigest(),
        **read.model_dump(),
    )


def _phrase(result: AttachmentText, style: AnswerStyle) -> str:
    excerpt = capped(" ".join(result.text.split()), _SAID_CHARS)
    if not excerpt:
        return "Die Datei enthält keinen Text." if style.language == "de" else "The file holds no text."
    return f"In der Datei steht: {excerpt}" if style.language == "de" else f"The file says: {excerpt}"


_TEXT = "item,price\ntea,2.50\n"
_FACTS = {
    "truncated": False,
    "parts": 1,
    "parts_read": 1,
    "rule": AttachmentText.model_fields["rule"].default,
}
_PARSED = Example(
    args={"url": "https://example.org/prices.csv"},
    result=_FACTS
    | {
        "source": "https://example.org/prices.csv",
        "format": "csv",
        "text": _TEXT,
        "chars": len(_TEXT),
        "part_kind": "documents",
        "bytes": len(_TEXT),
        "sha256": hashlib.sha256(_TEXT.encode()).hexdigest(),
    },
    answer="The file says: item,price tea,2.50",
)
_FETCHED = Example(
    args={"url": "https://example.org/paper.pdf"},
    result=_FACTS
    | {
        "source": "https://example.org/paper.pdf",
        "format": "pdf",
        "text": "On Tea\n\n",
        "chars": 8,
        "part_kind": "pages",
        "bytes": 1409,
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    },
    answer="The file says: On Tea",
)
