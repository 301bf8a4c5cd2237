"""`youtube_transcript`: speech of a video, by the captions that YouTube's own players load.

No documented interface exists. The page of a video holds the key of the player's interface, which lists the caption
tracks; each track is XML with the times of its lines.
"""

import re

import orjson
from pydantic import Field

from libs.ports.fetching import FetchRequest
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
from services.mcp.tools.served.research.common import ANSWER_LIMIT, MAX_NAME_CHARS, MAX_TITLE_CHARS, OPEN_WORLD
from services.mcp.tools.served.web.markup import Tag, inner_text, pieces
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.pages import decoded, scanned
from services.mcp.tools.served.web.site import Reply, Site, SiteReply, Source
from services.mcp.tools.served.web.text import line, passage, unmarked

MAX_URL_CHARS = 300
MAX_TEXT_CHARS = 50_000
_BASE = "https://www.youtube.com"
_ID = re.compile(
    r"(?:https?://)?(?:(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com/"
    r"(?:watch\?(?:[^#]*&)?v=|embed/|shorts/|live/|v/)|youtu\.be/)?([A-Za-z0-9_-]{11})(?:[?&#/].*)?"
)
_KEY = re.compile(r'"INNERTUBE_API_KEY"\s*:\s*"([A-Za-z0-9_-]{10,80})"')
_CLIENT = {"context": {"client": {"clientName": "ANDROID", "clientVersion": "20.10.38"}}}


class TranscriptArguments(ToolModel):
    """A video by its URL or its id."""

    video_url: str = Field(min_length=11, max_length=MAX_URL_CHARS)
    max_chars: int = Field(4_000, ge=100, le=MAX_TEXT_CHARS)


class TranscriptResult(ToolModel):
    """What is said. `automatic`: a machine listened; captions of people are taken first."""

    video_id: str
    title: str
    author: str
    language: str
    automatic: bool
    languages: tuple[str, ...]
    text: str
    cut: bool
    source: Source


class _Track(Reply):
    base_url: str = Field(alias="baseUrl")
    language: str = Field(alias="languageCode")
    kind: str = ""


class _Tracks(Reply):
    tracks: tuple[_Track, ...] = Field((), alias="captionTracks")


class _Captions(Reply):
    tracks: _Tracks = Field(_Tracks(), alias="playerCaptionsTracklistRenderer")


class _Playability(Reply):
    status: str = ""


class _Details(Reply):
    title: str = ""
    author: str = ""


class _Player(Reply):
    playability: _Playability = Field(alias="playabilityStatus")
    details: _Details = Field(_Details(), alias="videoDetails")
    captions: _Captions = _Captions()


def youtube_transcript(outside: Outside) -> ServedTool[TranscriptArguments, TranscriptResult]:
    site = Site("YouTube", _BASE, outside.web, headers=(("accept-language", "en"),))

    async def run(arguments: TranscriptArguments, _: Caller) -> TranscriptResult:
        video = _video_id(arguments.video_url)
        response = await _player(site, video)
        tracks = response.reply.captions.tracks.tracks
        if response.reply.playability.status != "OK" or not tracks:
            raise ToolError("not_found", "YouTube shows no captions of this video")
        track = _best(tracks)
        text = await scanned(_lines, decoded(await site.fetched(_track_request(track))))
        return TranscriptResult(
            video_id=video,
            title=line(response.reply.details.title, MAX_TITLE_CHARS),
            author=line(response.reply.details.author, MAX_NAME_CHARS),
            language=line(track.language, 20),
            automatic=track.kind == "asr",
            languages=tuple(line(one.language, 20) for one in tracks[:50]),
            text=passage(text, arguments.max_chars),
            cut=len(text) > arguments.max_chars,
            source=response.source.model_copy(update={"url": f"{_BASE}/watch?v={video}"}),
        )

    return ServedTool(
        name="youtube_transcript",
        group="research",
        description=_DESCRIPTION,
        keywords=_KEYWORDS,
        arguments=TranscriptArguments,
        result=TranscriptResult,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_EXAMPLE,
        error_example=ErrorExample(args={"video_url": "https://example.com/watch"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
        timeout_s=60.0,
    )


def _video_id(text: str) -> str:
    match = _ID.fullmatch(text.strip())
    if match is None:
        raise ToolError("invalid_argument", "video_url: is no URL of a YouTube video and no id of one")
    return match[1]


async def _player(site: Site, video: str) -> SiteReply[_Player]:
    page = decoded(await site.request("/watch", {"v": video}))
    key = _KEY.search(page)
    if key is None:
        raise ToolError("outside_failed", "YouTube shows us no player; it may want to see a person first")
    body = orjson.dumps({**_CLIENT, "videoId": video})
    json = (*site.headers, ("content-type", "application/json"))
    request = FetchRequest(f"{_BASE}/youtubei/v1/player?key={key[1]}", "POST", json, body=body)
    return site.understood(await site.fetched(request), _Player)


def _best(tracks: tuple[_Track, ...]) -> _Track:
    """Captions of people before those of machines, English before other languages."""
    return min(tracks, key=lambda one: (one.kind == "asr", not one.language.startswith("en")))


def _track_request(track: _Track) -> FetchRequest:
    url = track.base_url.replace("&fmt=srv3", "")
    if not url.startswith(f"{_BASE}/api/timedtext?"):
        raise ToolError("outside_failed", "YouTube answered in a form that is not the one we know")
    return FetchRequest(url)


def _lines(xml: str) -> str:
    """Lines; their characters are escaped twice."""
    parts = pieces(xml)
    lines = [
        unmarked(inner_text(parts, f"/{part.name}"), 2_000)
        for part in parts
        if isinstance(part, Tag) and part.name in {"text", "p"}
    ]
    if not any(lines):
        raise ToolError("not_found", "YouTube's captions of this video are empty")
    return " ".join(one for one in lines if one)


def _phrase(result: TranscriptResult, style: AnswerStyle) -> str:
    verb = "sagt" if style.language == "de" else "says"
    return f"“{result.title}” ({result.author}) {verb}: “{line(result.text, 600)}”."


_DESCRIPTION = Bilingual(en="Read what is said in a YouTube video", de="Lesen, was in einem YouTube-Video gesagt wird")
_KEYWORDS = Bilingual(
    en="youtube video transcript captions subtitles said spoken",
    de="youtube video transkript untertitel gesagt",
)
_LIMITS = (
    Limit(name="video_url_chars", value=MAX_URL_CHARS, unit="characters"),
    Limit(name="text_chars", value=MAX_TEXT_CHARS, unit="characters"),
    ANSWER_LIMIT,
)
_EXAMPLE = Example(
    args={"video_url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
    result={
        "video_id": "dQw4w9WgXcQ",
        "title": "A Talk",
        "author": "A Speaker",
        "language": "de",
        "automatic": False,
        "languages": ["en", "de"],
        "text": 'Guten Tag, es geht um "Zahlen" und mehr',
        "cut": False,
        "source": {
            "name": "YouTube",
            "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer='“A Talk” (A Speaker) says: “Guten Tag, es geht um "Zahlen" und mehr”.',
)
