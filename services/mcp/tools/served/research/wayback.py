"""`wayback_fetch`: a page as the Wayback Machine has it, by its availability API."""

from pydantic import Field

from libs.ports.fetching import FetchError
from libs.ports.web_url import parse_url
from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    ServedTool,
    ToolError,
    ToolModel,
)
from services.mcp.tools.served.research.common import ANSWER_LIMIT, OPEN_WORLD
from services.mcp.tools.served.research.reading import (
    PAGE_LIMITS,
    ReadPage,
    page_phrase,
    read_page,
    text_field,
    url_field,
)
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.pages import page_of
from services.mcp.tools.served.web.site import Reply, Site


class WaybackArguments(ToolModel):
    """A page, and a moment as YYYY to YYYYMMDDhhmmss; the snapshot nearest to it is taken, without it the latest."""

    url: str = url_field()
    timestamp: str = Field("", max_length=14, pattern=r"^(\d{4}(\d{2}){0,5})?$")
    max_chars: int = text_field()


class WaybackResult(ToolModel):
    """The page as it was; `timestamp` is the snapshot's, YYYYMMDDhhmmss in UTC."""

    url: str
    timestamp: str
    snapshot: str
    page: ReadPage


class _Closest(Reply):
    available: bool = False
    timestamp: str = Field(pattern=r"^\d{14}$")
    status: str = ""


class _Snapshots(Reply):
    closest: _Closest | None = None


class _Answer(Reply):
    archived_snapshots: _Snapshots


def wayback_fetch(outside: Outside) -> ServedTool[WaybackArguments, WaybackResult]:
    index = Site("Wayback Machine", "https://archive.org", outside.web)
    archive = Site("Wayback Machine", "https://web.archive.org", outside.web)

    async def run(arguments: WaybackArguments, _: Caller) -> WaybackResult:
        url = _read_url(arguments.url)
        query = {"url": url, "timestamp": arguments.timestamp} if arguments.timestamp else {"url": url}
        closest = (await index.get("/wayback/available", query, _Answer)).reply.archived_snapshots.closest
        if closest is None or not closest.available:
            raise ToolError("not_found", "the Wayback Machine has no snapshot of this page")
        answer = await archive.request(f"/web/{closest.timestamp}id_/{url}")
        page = read_page(await page_of(answer, archive.name), arguments.max_chars, archive.source(answer))
        snapshot = f"{archive.base}/web/{closest.timestamp}/{url}"
        return WaybackResult(url=url, timestamp=closest.timestamp, snapshot=snapshot, page=page)

    return ServedTool(
        name="wayback_fetch",
        group="research",
        description=Bilingual(
            en="Read a web page as it was at some time, from the Wayback Machine",
            de="Eine Webseite lesen, wie sie zu einer Zeit war, aus der Wayback Machine",
        ),
        keywords=Bilingual(
            en="wayback archive snapshot old version page internet archive past",
            de="wayback archiv schnappschuss alte version seite früher internetarchiv",
        ),
        arguments=WaybackArguments,
        result=WaybackResult,
        run=run,
        answer=_phrase,
        limits=(*PAGE_LIMITS, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"url": "ftp://example.com/"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
        timeout_s=60.0,
    )


def _read_url(text: str) -> str:
    try:
        return str(parse_url(text))
    except FetchError as error:
        raise ToolError("invalid_argument", f"url: {error}") from error


def _phrase(result: WaybackResult, style: AnswerStyle) -> str:
    moment = f"{result.timestamp[:4]}-{result.timestamp[4:6]}-{result.timestamp[6:8]}"
    return page_phrase(result.page, f"{result.url} ({moment})", style)


_EXAMPLE = Example(
    args={"url": "http://example.com", "timestamp": "20130919"},
    result={
        "url": "http://example.com/",
        "timestamp": "20130919044612",
        "snapshot": "https://web.archive.org/web/20130919044612/http://example.com/",
        "page": {
            "title": "Example Domain",
            "text": ("Example Domain\n\nThis domain is established to be used for illustrative examples."),
            "cut": False,
            "source": {
                "name": "Wayback Machine",
                "url": "https://web.archive.org/web/20130919044612id_/http://example.com/",
                "retrieved_at": "2025-10-09T08:53:20Z",
            },
        },
    },
    answer=(
        "Example Domain, http://example.com/ (2013-09-19): “Example Domain This domai"
        "n is established to be used for illustrative examples.”."
    ),
)
