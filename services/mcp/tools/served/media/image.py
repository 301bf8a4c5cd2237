"""`generate_image`: an image by a configured server, stored for a day and shared by a signed link."""

from base64 import b64decode
from binascii import Error as Base64Error

from pydantic import Field, JsonValue

from libs.ports.objects import NewObject
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
    ToolModel,
)
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.models import BUCKET_NAME, KeptFile
from services.mcp.tools.served.media.kinds import picture
from services.mcp.tools.served.web.site import Reply, Site, Source

MAX_PROMPT_CHARS = 4_000
MAX_SIDE = 4_096
LEAST_SIDE = 64
MAKES = Annotations(read_only=False, idempotent=False, open_world=True)
NO_FILE_LINKS = "nothing keeps files here"


class GenerateImageArguments(ToolModel):
    """What is to be seen, the size as width x height in pixels, and a model of the server."""

    prompt: str = Field(min_length=1, max_length=MAX_PROMPT_CHARS, pattern=r"\S")
    size: str = Field("1024x1024", max_length=9, pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$")
    model: str = Field("flux-schnell", min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:/-]+$")


class GenerateImageResult(ToolModel):
    """The picture's file; made by a model, so nothing in it is evidence."""

    file: KeptFile
    model: str
    size: str
    source: Source


class _Picture(Reply):
    b64_json: str


class _Answer(Reply):
    data: tuple[_Picture, ...] = Field(min_length=1)


def generate_image(
    site: Site, links: FileLinks | None, why_not: str | None
) -> ServedTool[GenerateImageArguments, GenerateImageResult]:
    async def run(arguments: GenerateImageArguments, caller: Caller) -> GenerateImageResult:
        if links is None:
            raise ToolError("unavailable", NO_FILE_LINKS)
        _check_size(arguments.size)
        response = await site.send("/images/generations", _request(arguments), _Answer)
        body = _decoded(response.reply.data[0].b64_json, site)
        kind = picture(body)
        file = await links.store_file(
            caller.tenant, BUCKET_NAME, NewObject(f"image.{kind.ending}", kind.media_type, body)
        )
        return GenerateImageResult(file=file, model=arguments.model, size=arguments.size, source=response.source)

    return ServedTool(
        name="generate_image",
        group="files",
        description=_DESCRIPTION,
        keywords=_KEYWORDS,
        arguments=GenerateImageArguments,
        result=GenerateImageResult,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_EXAMPLE,
        error_example=ErrorExample(args={"prompt": "a cat", "size": "large"}, code="invalid_argument"),
        annotations=MAKES,
        unavailable=why_not,
        timeout_s=200.0,
    )


def _request(arguments: GenerateImageArguments) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = {"model": arguments.model, "prompt": arguments.prompt, "size": arguments.size}
    return {**fields, "n": 1, "response_format": "b64_json"}


def _check_size(size: str) -> None:
    if not all(LEAST_SIDE <= int(side) <= MAX_SIDE for side in size.split("x")):
        raise ToolError("limit_exceeded", f"size: each side is {LEAST_SIDE} to {MAX_SIDE} pixels")


def _decoded(text: str, site: Site) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise site.misunderstood() from error


def _phrase(result: GenerateImageResult, style: AnswerStyle) -> str:
    if style.language == "de":
        return f"Das Bild liegt bis {result.file.url_expires_at} unter {result.file.url} bereit."
    return f"The picture is at {result.file.url} until {result.file.url_expires_at}."


_DESCRIPTION = Bilingual(en="Make a picture from a description", de="Ein Bild nach einer Beschreibung erzeugen")
_KEYWORDS = Bilingual(
    en="image picture draw generate illustration photo paint",
    de="bild erzeugen zeichnen malen illustration foto grafik",
)
_LIMITS = (
    Limit(name="prompt_chars", value=MAX_PROMPT_CHARS, unit="characters"),
    Limit(name="side", value=MAX_SIDE, unit="pixels"),
)
_EXAMPLE = Example(
    args={"prompt": "a red square", "size": "64x64"},
    result={
        "file": {
            "object_name": "9f86d081884c7d659a2feaa0c55ad015.png",
            "bucket": "files",
            "filename": "image.png",
            "content_type": "image/png",
            "bytes": 70,
            "sha256": "c414cd0e204de974f73753c7e28d7638e7b3691bb8b1a2bab6b25bb7fed7ce77",
            "url": "http://127.0.0.1:8003/downloads/kQ1Tj0…",
            "url_expires_at": "2025-10-10T08:53:20Z",
            "kept_until": "2025-10-10T08:53:20Z",
            "rule": (
                "kept for 24 hours, or as long as a link was asked for, at most 168; a link needs no key to download"
            ),
        },
        "model": "flux-schnell",
        "size": "64x64",
        "source": {
            "name": "the image server",
            "url": "http://images:8000/v1/images/generations",
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=("The picture is at http://127.0.0.1:8003/downloads/kQ1Tj0… until 2025-10-10T08:53:20Z."),
)
