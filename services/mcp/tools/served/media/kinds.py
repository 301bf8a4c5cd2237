"""Format of an image or of speech, from its first bytes: never from the server's claim."""

from dataclasses import dataclass

from services.mcp.contract import ToolError


@dataclass(frozen=True, slots=True)
class Kind:
    """A media type and its ending."""

    media_type: str
    ending: str


_PNG, _JPEG, _WEBP = Kind("image/png", "png"), Kind("image/jpeg", "jpg"), Kind("image/webp", "webp")
_MP3, _WAV = Kind("audio/mpeg", "mp3"), Kind("audio/wav", "wav")
_OGG, _FLAC = Kind("audio/ogg", "ogg"), Kind("audio/flac", "flac")


def picture(body: bytes) -> Kind:
    """Image format. Raises ToolError for other bytes."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if body.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return _WEBP
    raise ToolError("outside_failed", "the image server sent no PNG, JPEG or WebP")


def speech(body: bytes) -> Kind:
    """Audio format. Raises ToolError for other bytes."""
    if body.startswith(b"ID3") or (len(body) > 1 and body[0] == 0xFF and body[1] & 0xE0 == 0xE0):
        return _MP3
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return _WAV
    if body.startswith(b"OggS"):
        return _OGG
    if body.startswith(b"fLaC"):
        return _FLAC
    raise ToolError("outside_failed", "the speech server sent no MP3, WAV, Ogg or FLAC")
