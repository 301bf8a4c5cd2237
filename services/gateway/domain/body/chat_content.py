"""The parts of a message as model servers get them: documented types only, and media as data in their own places."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from libs.core.json_values import is_object
from services.gateway.domain.body.chat_tools import check_texts
from services.gateway.domain.body.media import AUDIO_FORMATS, base64_data, media_url
from services.gateway.domain.errors import RequestRefused, invalid

Part: TypeAlias = Mapping[str, object]
Readers: TypeAlias = Mapping[str, Callable[[Part, str], dict[str, object]]]

# The places of media in some protocol. Media in another place are rejected rather than dropped: the client would get an
# answer about an image that no model has seen.
MEDIA_FIELDS = frozenset(
    {
        "image",
        "images",
        "image_url",
        "image_urls",
        "input_image",
        "audio",
        "audio_url",
        "input_audio",
        "video",
        "video_url",
        "input_video",
        "media",
        "file",
        "files",
        "file_id",
        "file_url",
        "file_data",
        "input_file",
        "document",
        "document_url",
        "source",
        "url",
        "uri",
    }
)
DETAILS = frozenset({"auto", "low", "high", "original"})


def passed_parts(content: list[object], where: str) -> list[dict[str, object]]:
    """Filter the parts of a message. Raises RequestRefused (400) with the name of the field: a part of an unknown type,
    media that are no data, and media in a wrong place."""
    return [_part(part, f"{where}[{index}]", _READERS) for index, part in enumerate(content)]


def passed_texts(content: object, where: str) -> object:
    """Text, or parts that are text: their documented fields. Raises RequestRefused (400) for other content."""
    if not isinstance(content, list):
        check_texts({"content": content}, ("content",), where.removesuffix(".content"))
        return content
    return [_part(part, f"{where}[{index}]", _TEXT_READERS) for index, part in enumerate(content)]


def refuse_media(fields: Part, known: frozenset[str], where: str) -> None:
    """Raise RequestRefused (400) for media in fields other than the `known` ones."""
    misplaced = (fields.keys() & MEDIA_FIELDS) - known
    if name := min((name for name in misplaced if fields[name]), default=""):
        raise _refused("Media do not belong here", f"{where}.{name}")


def _part(part: object, where: str, readers: Readers) -> dict[str, object]:
    kind = part.get("type") if is_object(part) else None
    read = readers.get(kind) if isinstance(kind, str) else None
    if read is None or not is_object(part):
        shown = kind[:80] if isinstance(kind, str) else ""
        message = f"Parts of type `{shown}` cannot be read."
        raise invalid(message, param=f"{where}.type", code="unsupported_content")
    refuse_media(part, frozenset({str(kind)}), where)
    return {"type": kind, **read(part, where)}


def _text(part: Part, where: str) -> dict[str, object]:
    return {"text": _string(part, "text", where)}


def _refusal(part: Part, where: str) -> dict[str, object]:
    return {"refusal": _string(part, "refusal", where)}


def _image(part: Part, where: str) -> dict[str, object]:
    """Some clients send the address itself instead of its object."""
    where = f"{where}.image_url"
    value = part.get("image_url")
    if isinstance(value, str):
        return {"image_url": {"url": media_url(value, "image", where)}}
    image = _object(value, {"url", "detail"}, where)
    detail = image.get("detail")
    if detail not in (None, *DETAILS):
        raise _refused("Unknown detail", f"{where}.detail")
    closely = {} if detail is None else {"detail": detail}
    return {"image_url": {"url": media_url(image.get("url"), "image", f"{where}.url"), **closely}}


def _video(part: Part, where: str) -> dict[str, object]:
    video = _object(part.get("video_url"), {"url"}, f"{where}.video_url")
    return {"video_url": {"url": media_url(video.get("url"), "video", f"{where}.video_url.url")}}


def _audio_address(part: Part, where: str) -> dict[str, object]:
    audio = _object(part.get("audio_url"), {"url"}, f"{where}.audio_url")
    return {"audio_url": {"url": media_url(audio.get("url"), "audio", f"{where}.audio_url.url")}}


def _audio(part: Part, where: str) -> dict[str, object]:
    where = f"{where}.input_audio"
    audio = _object(part.get("input_audio"), {"data", "format"}, where)
    kind = audio.get("format")
    if not isinstance(kind, str) or kind not in AUDIO_FORMATS:
        raise _refused("Unknown format", f"{where}.format")
    return {"input_audio": {"data": base64_data(audio.get("data"), f"{where}.data"), "format": kind}}


def _file(part: Part, where: str) -> dict[str, object]:
    where = f"{where}.file"
    file = _object(part.get("file"), {"file_data", "filename"}, where)
    name = {"filename": _string(file, "filename", where)} if "filename" in file else {}
    return {"file": {**name, "file_data": media_url(file.get("file_data"), "file", f"{where}.file_data")}}


def _object(value: object, known: set[str], where: str) -> Part:
    if not is_object(value):
        raise _refused("An object is expected", where)
    if unknown := min(value.keys() - known, default=""):
        raise _refused("Unknown field", f"{where}.{unknown[:40]}")
    return value


def _string(fields: Part, name: str, where: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise invalid(f"`{where}.{name}`: Text is expected.", param=f"{where}.{name}", code="invalid_value")
    return value


def _refused(problem: str, where: str) -> RequestRefused:
    return invalid(f"`{where}`: {problem}.", param=where, code="invalid_media")


_TEXT_READERS: Readers = {"text": _text}
_READERS: Readers = {
    **_TEXT_READERS,
    "refusal": _refusal,
    "image_url": _image,
    "video_url": _video,
    "audio_url": _audio_address,
    "input_audio": _audio,
    "file": _file,
}
