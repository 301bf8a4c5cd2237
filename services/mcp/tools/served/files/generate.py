"""`generate_file`: Markdown or a table as a file to download."""

from base64 import b64decode

from libs.ports.objects import NewObject
from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
)
from services.mcp.tools.served.documents.jobs import MAX_CONTENT_CHARS, WriteJob
from services.mcp.tools.served.documents.workshop import Workshop
from services.mcp.tools.served.documents.writing.cleaning import cleaned
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.keeping import KEEPS
from services.mcp.tools.served.files.models import BUCKET_NAME, USUAL_HOURS, GeneratedFile, GenerateFileArguments
from services.mcp.tools.served.files.names import MEDIA_TYPES, with_ending

_HOUR_S = 3600
_REQUEST_BYTES = 6 * MAX_CONTENT_CHARS  # a control character is written in six bytes
_PARTS_DE = {"pages": "Seiten", "slides": "Folien", "rows": "Zeilen", "blocks": "Absätze", "lines": "Zeilen"}


def generate_file(
    links: FileLinks | None, workshop: Workshop, unavailable: str | None
) -> ServedTool[GenerateFileArguments, GeneratedFile]:
    async def run(arguments: GenerateFileArguments, caller: Caller) -> GeneratedFile:
        if links is None:
            raise ToolError("unavailable", unavailable or "")
        return await _generated(arguments, workshop, links, caller)

    return ServedTool(
        name="generate_file",
        description=Bilingual(
            en="Write Markdown or a table as html, md, txt, csv, docx, xlsx, pptx or pdf, with a link to download",
            de="Markdown oder eine Tabelle als html, md, txt, csv, docx, xlsx, pptx oder pdf schreiben, mit Link",
        ),
        keywords=Bilingual(
            en="generate create write export save file document word excel powerpoint pdf docx xlsx pptx csv download",
            de="erzeugen erstellen schreiben exportieren speichern datei dokument word excel powerpoint pdf",
        ),
        group="files",
        arguments=GenerateFileArguments,
        result=GeneratedFile,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="content_chars", value=MAX_CONTENT_CHARS, unit="characters"),
            Limit(name="kept", value=USUAL_HOURS, unit="hours"),
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"content": "# Report", "format": "exe"}, code="invalid_argument"),
        annotations=KEEPS,
        unavailable=unavailable,
        request_bytes=_REQUEST_BYTES,
    )


async def _generated(
    arguments: GenerateFileArguments, workshop: Workshop, links: FileLinks, caller: Caller
) -> GeneratedFile:
    filename, kind = with_ending(arguments.filename, arguments.format), arguments.format
    title = filename.rpartition(".")[0]
    job = WriteJob(content=cleaned(arguments.content), title=title, format=kind)
    written = await workshop.write(job, caller.tenant)
    new = NewObject(filename, MEDIA_TYPES[kind], b64decode(written.content_base64), USUAL_HOURS * _HOUR_S)
    stored = await links.store_file(caller.tenant, BUCKET_NAME, new)
    return GeneratedFile(
        **stored.model_dump(),
        format=kind,
        parts=written.parts,
        part_kind=written.part_kind,
        replaced_characters=written.replaced,
    )


def _phrase(result: GeneratedFile, style: AnswerStyle) -> str:
    if style.language == "de":
        parts = f"{result.parts} {_PARTS_DE[result.part_kind]}"
        return f"{result.filename} ({parts}) liegt bis {result.url_expires_at} unter {result.url} bereit."
    return f"{result.filename} ({result.parts} {result.part_kind}) is at {result.url} until {result.url_expires_at}."


_NAME = "9f86d081884c7d659a2feaa0c55ad015.csv"
_URL = "http://127.0.0.1:8003/downloads/kQ1Tj0…"
_EXAMPLE = Example(
    args={"content": "| item | price |\n|---|---|\n| tea | 2.50 |\n", "filename": "prices", "format": "csv"},
    result={
        "object_name": _NAME,
        "bucket": "files",
        "filename": "prices.csv",
        "content_type": "text/csv; charset=utf-8",
        "bytes": 22,
        "sha256": "12e5126e72255e08f4957eab08eb6f4c79ff75c0788cbc62b0186b17bf28f5c2",
        "url": _URL,
        "url_expires_at": "2026-05-02T10:00:00Z",
        "kept_until": "2026-05-02T10:00:00Z",
        "rule": GeneratedFile.model_fields["rule"].default,
        "format": "csv",
        "parts": 2,
        "part_kind": "rows",
        "replaced_characters": 0,
        "formula_rule": GeneratedFile.model_fields["formula_rule"].default,
    },
    answer=f"prices.csv (2 rows) is at {_URL} until 2026-05-02T10:00:00Z.",
)
