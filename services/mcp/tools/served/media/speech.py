"""`generate_speech`: a text spoken by a configured server, stored for a day and shared by a signed link."""

import orjson
from pydantic import Field

from libs.ports.fetching import FetchRequest
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
    ToolModel,
)
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.models import BUCKET_NAME, KeptFile
from services.mcp.tools.served.media.image import MAKES, NO_FILE_LINKS
from services.mcp.tools.served.media.kinds import speech
from services.mcp.tools.served.web.site import Site, Source

MAX_TEXT_CHARS = 4_096  # OpenAI's own limit


class GenerateSpeechArguments(ToolModel):
    """What is to be said, by which voice and model of the server."""

    text: str = Field(min_length=1, max_length=MAX_TEXT_CHARS, pattern=r"\S")
    voice: str = Field("af_heart", min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.+()-]+$")
    model: str = Field("kokoro", min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:/-]+$")


class GenerateSpeechResult(ToolModel):
    """The sound's file."""

    file: KeptFile
    voice: str
    model: str
    source: Source


def generate_speech(
    site: Site, links: FileLinks | None, why_not: str | None
) -> ServedTool[GenerateSpeechArguments, GenerateSpeechResult]:
    async def run(arguments: GenerateSpeechArguments, caller: Caller) -> GenerateSpeechResult:
        if links is None:
            raise ToolError("unavailable", NO_FILE_LINKS)
        answer = await site.fetched(_request(site, arguments))
        kind = speech(answer.body)
        new = NewObject(f"speech.{kind.ending}", kind.media_type, answer.body)
        file = await links.store_file(caller.tenant, BUCKET_NAME, new)
        return GenerateSpeechResult(file=file, voice=arguments.voice, model=arguments.model, source=site.source(answer))

    return ServedTool(
        name="generate_speech",
        group="files",
        description=Bilingual(en="Speak a text", de="Einen Text sprechen lassen"),
        keywords=Bilingual(
            en="speech speak voice audio read aloud text to speech",
            de="sprache sprechen stimme audio vorlesen sprachausgabe",
        ),
        arguments=GenerateSpeechArguments,
        result=GenerateSpeechResult,
        run=run,
        answer=_phrase,
        limits=(Limit(name="text_chars", value=MAX_TEXT_CHARS, unit="characters"),),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"text": "hello", "voice": "a b"}, code="invalid_argument"),
        annotations=MAKES,
        unavailable=why_not,
        timeout_s=200.0,
    )


def _request(site: Site, arguments: GenerateSpeechArguments) -> FetchRequest:
    fields = {"model": arguments.model, "input": arguments.text, "voice": arguments.voice, "response_format": "mp3"}
    json = (("content-type", "application/json"),)
    return FetchRequest(f"{site.base}/audio/speech", "POST", json, site.secrets, orjson.dumps(fields))


def _phrase(result: GenerateSpeechResult, style: AnswerStyle) -> str:
    if style.language == "de":
        return f"Die Aufnahme liegt bis {result.file.url_expires_at} unter {result.file.url} bereit."
    return f"The recording is at {result.file.url} until {result.file.url_expires_at}."


_EXAMPLE = Example(
    args={"text": "Good morning."},
    result={
        "file": {
            "object_name": "9f86d081884c7d659a2feaa0c55ad015.mp3",
            "bucket": "files",
            "filename": "speech.mp3",
            "content_type": "audio/mpeg",
            "bytes": 78,
            "sha256": "06808674e8e1b8f093d7677a19baf74bd23de122fd2d188aeabbbe48b9887676",
            "url": "http://127.0.0.1:8003/downloads/kQ1Tj0…",
            "url_expires_at": "2025-10-10T08:53:20Z",
            "kept_until": "2025-10-10T08:53:20Z",
            "rule": (
                "kept for 24 hours, or as long as a link was asked for, at most 168; a link needs no key to download"
            ),
        },
        "voice": "af_heart",
        "model": "kokoro",
        "source": {
            "name": "the speech server",
            "url": "http://speech:8880/v1/audio/speech",
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=("The recording is at http://127.0.0.1:8003/downloads/kQ1Tj0… until 2025-10-10T08:53:20Z."),
)
