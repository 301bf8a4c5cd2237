"""Media in requests: an allow-list of data URLs. Model servers get no address that they would fetch or open."""

import re
from collections.abc import Mapping
from typing import Literal

from services.gateway.domain.errors import RequestRefused, invalid, remote_media

Kind = Literal["image", "audio", "video", "file"]
MAX_MEDIA_BYTES = 12 << 20  # of one value, decoded: the most that fits into a body of 16 MiB

# SVG, HTML and XML are missing: they contain addresses that a renderer fetches.
MEDIA_TYPES: Mapping[Kind, frozenset[str]] = {
    "image": frozenset(
        f"image/{name}" for name in ("png", "jpeg", "jpg", "gif", "webp", "bmp", "tiff", "avif", "heic", "heif")
    ),
    "audio": frozenset(
        f"audio/{name}" for name in ("wav", "x-wav", "wave", "mpeg", "mp3", "mp4", "m4a", "ogg", "flac", "webm", "aac")
    ),
    "video": frozenset(f"video/{name}" for name in ("mp4", "webm", "mpeg", "quicktime", "ogg", "x-matroska")),
    "file": frozenset(
        {
            "application/pdf",
            "application/json",
            "text/plain",
            "text/markdown",
            "text/csv",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    ),
}
AUDIO_FORMATS = frozenset({"wav", "mp3", "mpeg", "ogg", "flac", "webm", "m4a", "mp4", "aac", "opus"})

_IGNORED_AROUND = "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\ufeff\u200b\u2028\u2029"  # URL parsers skip some of it
_HEAD_CHARACTERS = 256
_DATA = re.compile(
    r"data:([a-z]{1,20}/[a-z0-9.+-]{1,100})(?:;[a-z0-9-]{1,20}=[a-z0-9._-]{1,64}){0,2};base64,", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20/\\][^\s\x00-\x20\\]*", re.IGNORECASE)
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_MAX_PADDING = 2


class RemoteAddress(str):
    """An http(s) address where data is expected; `where` is the client's path of the field."""

    __slots__ = ("where",)

    def __new__(cls, address: str, where: str) -> "RemoteAddress":
        made = super().__new__(cls, address)
        made.where = where
        return made

    where: str


def media_url(value: object, kind: Kind, where: str) -> str:
    """Normalise a data URL so that all parsers agree: lower-case scheme and media type, no parameters.

    Returns an http(s) address as RemoteAddress, for `check_local` to reject. Raises RequestRefused (400) with `where`
    for anything else.
    """
    if not isinstance(value, str):
        raise _refused("A data URL is expected", where)
    trimmed = value.strip(_IGNORED_AROUND)
    if _ADDRESS.fullmatch(trimmed):
        return RemoteAddress(trimmed, where)
    if not trimmed[:5].lower() == "data:":
        raise remote_media(where)
    head = _DATA.match(trimmed[:_HEAD_CHARACTERS])
    if head is None:
        raise _refused("The data URL must begin with `data:<media type>;base64,`", where)
    return data_url(head[1].lower(), trimmed[head.end() :], kind, where)


def data_url(media_type: str, encoded: object, kind: Kind, where: str) -> str:
    """Build the data URL of base64 data. Raises RequestRefused (400) with `where`."""
    if media_type not in MEDIA_TYPES[kind]:
        raise _refused(f"Media of the type `{media_type[:80]}` cannot be read", where)
    return f"data:{media_type};base64,{base64_data(encoded, where)}"


def base64_data(encoded: object, where: str) -> str:
    """Check base64 data without decoding it. Raises RequestRefused (400) with `where`."""
    if not isinstance(encoded, str) or not _is_base64(encoded):
        raise _refused("Base64 is expected: the standard alphabet, padded, without blanks", where)
    if len(encoded) // 4 * 3 > MAX_MEDIA_BYTES:
        raise _refused(f"Media may have {MAX_MEDIA_BYTES} bytes", where)
    return encoded


def check_local(raw: Mapping[str, object]) -> None:
    """Reject a chat body that contains a remote address. Raises RequestRefused (400) with the name of the field."""
    messages = raw.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            address = _address_in(part)
            if not address.startswith("data:"):
                raise remote_media(address.where if isinstance(address, RemoteAddress) else "messages")


def _address_in(part: Mapping[str, object]) -> str:
    """An address of data where the part has none."""
    for outer, inner in (("image_url", "url"), ("video_url", "url"), ("audio_url", "url"), ("file", "file_data")):
        media = part.get(outer)
        if media is not None:
            address = media.get(inner) if isinstance(media, dict) else None
            return address if isinstance(address, str) else ""
    return "data:"


def _is_base64(text: str) -> bool:
    bare = text.rstrip("=")
    if len(text) % 4 or len(text) - len(bare) > _MAX_PADDING or not bare.isascii():
        return False
    return not bare.encode().translate(None, _ALPHABET)


def _refused(problem: str, where: str) -> RequestRefused:
    return invalid(f"`{where}`: {problem}.", param=where, code="invalid_media")
