"""`base64_codec`: text to base64 and back, RFC 4648; rejects non-canonical input."""

import base64
import binascii
import re
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel

Mode = Literal["encode", "decode", "urlsafe_encode", "urlsafe_decode"]

MAX_CHARS = 50_000
RULE = (
    "RFC 4648; text is UTF-8; padding is written, and may be missing when reading the urlsafe alphabet only; "
    "white space between lines is skipped; other characters and non-zero unused bits are refused"
)
_ALPHABET = {"decode": re.compile(r"[A-Za-z0-9+/]*={0,2}"), "urlsafe_decode": re.compile(r"[A-Za-z0-9_-]*={0,2}")}
_WHITE = re.compile(r"[ \t\r\n]+")
_SHOWN_CHARS = 200


class Base64Arguments(ToolModel):
    """A text to encode, or base64 to decode."""

    text: str = Field(max_length=MAX_CHARS)
    mode: Mode = "encode"


class Base64Result(ToolModel):
    """What came out. `text` is null where decoded bytes are not UTF-8; `hex` has them in any case."""

    mode: Mode
    text: str | None
    hex: str | None = Field(description="The decoded bytes; null when encoding")
    bytes: int = Field(description="Length of the plain bytes")
    rule: str = RULE


def base64_codec(arguments: Base64Arguments) -> Base64Result:
    """Encode or decode. Raises ToolError for non-canonical base64."""
    if arguments.mode in ("encode", "urlsafe_encode"):
        octets = arguments.text.encode()
        encode = base64.b64encode if arguments.mode == "encode" else base64.urlsafe_b64encode
        return Base64Result(mode=arguments.mode, text=encode(octets).decode("ascii"), hex=None, bytes=len(octets))
    decoded = _decoded(_WHITE.sub("", arguments.text), arguments.mode)
    return Base64Result(mode=arguments.mode, text=_as_text(decoded), hex=decoded.hex(), bytes=len(decoded))


def _decoded(text: str, mode: Mode) -> bytes:
    if not _ALPHABET[mode].fullmatch(text):
        raise ToolError("invalid_argument", f"text: not base64 of the alphabet of {mode}")
    if mode == "urlsafe_decode" and "=" not in text:
        text += "=" * (-len(text) % 4)
    standard = text.replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(standard, validate=True)
    except binascii.Error as error:
        raise ToolError("invalid_argument", "text: the base64 is cut short or wrongly padded") from error
    if base64.b64encode(decoded).decode("ascii") != standard:
        raise ToolError("invalid_argument", "text: the last character has unused bits that are not zero")
    return decoded


def _as_text(octets: bytes) -> str | None:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return None


def phrase(result: Base64Result, style: AnswerStyle) -> str:
    """Truncate a long result."""
    german = style.language == "de"
    if result.text is None:
        shown = _shown(result.hex or "", german=german)
        subject = (
            "Die dekodierten Bytes sind kein UTF-8-Text; hexadezimal" if german else "The bytes are not UTF-8; in hex"
        )
        return f"{subject}: {shown}."
    shown = _shown(result.text, german=german)
    if result.mode.endswith("encode"):
        return f"Base64-kodiert: {shown}." if german else f"Encoded in base64: {shown}."
    return f"Dekodiert: {shown}." if german else f"Decoded: {shown}."


def _shown(text: str, *, german: bool) -> str:
    if len(text) <= _SHOWN_CHARS:
        return text
    return f"{text[:_SHOWN_CHARS]}… ({len(text)} {'Zeichen' if german else 'characters'})"


BASE64_CODEC = Tool(
    name="base64_codec",
    description=Bilingual(
        en="Encode text as base64 or decode base64, standard or URL-safe alphabet, strictly",
        de="Text als Base64 kodieren oder Base64 dekodieren, normales oder URL-sicheres Alphabet, streng",
    ),
    keywords=Bilingual(
        en="base64 encode decode urlsafe b64 encoding", de="base64 kodieren dekodieren entschlüsseln umwandeln b64"
    ),
    arguments=Base64Arguments,
    result=Base64Result,
    run=base64_codec,
    answer=phrase,
    limits=(Limit(name="text_chars", value=MAX_CHARS, unit="characters"),),
    example=Example(
        args={"text": "Grüße", "mode": "encode"},
        result={"mode": "encode", "text": "R3LDvMOfZQ==", "hex": None, "bytes": 7, "rule": RULE},
        answer="Encoded in base64: R3LDvMOfZQ==.",
    ),
    error_example=ErrorExample(args={"text": "R3LDvMOfZR==", "mode": "decode"}, code="invalid_argument"),
)
