"""Parts of the fixtures: a picture, a sound, a document, a form."""

import base64
import io
import struct
import wave
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from mcp.server.context import ServerRequestContext
from mcp_types import (
    AudioContent,
    CallToolRequestParams,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    InputRequiredResult,
    TextContent,
    TextResourceContents,
    Tool,
)
from pydantic import JsonValue

Context: TypeAlias = ServerRequestContext[None]
Outcome: TypeAlias = CallToolResult | InputRequiredResult
Schema: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True)
class FixtureTool:
    """A tool that the suite calls by its name."""

    name: str
    run: Callable[[Context, CallToolRequestParams], Awaitable[Outcome]]
    input_schema: Schema | None = None

    def listed(self) -> Tool:
        schema = self.input_schema or {"type": "object", "properties": {}}
        return Tool(name=self.name, description="A fixture of the conformance suite.", input_schema=schema)


def text(words: str) -> TextContent:
    return TextContent(text=words)


def said(words: str) -> CallToolResult:
    return CallToolResult(content=[text(words)])


def image() -> ImageContent:
    return ImageContent(data=PNG, mime_type="image/png")


def sound() -> AudioContent:
    return AudioContent(data=_wav(), mime_type="audio/wav")


def document(uri: str, words: str, mime_type: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(resource=TextResourceContents(uri=uri, mime_type=mime_type, text=words))


def form(properties: dict[str, Schema], *required: str) -> Schema:
    return {"type": "object", "properties": {**properties}, "required": [*required]}


def _png() -> str:
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\xff\x00\x00")
    chunks = (b"IHDR", header), (b"IDAT", pixel), (b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)).decode()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _wav() -> str:
    """Tenth of a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(8000)
        sink.writeframes(bytes(1600))
    return base64.b64encode(file.getvalue()).decode()


PNG = _png()
