"""`web_browser`: a page as a browser renders it, by Splash's endpoint `render.html`.

Splash fetches by itself: our rules check the URL first, but Splash resolves the name again and follows the page's
redirects. So it must run without a route to the internal network; MOE_SPLASH_URL states this.
"""

import orjson
from pydantic import Field

from libs.ports.fetching import FetchError, FetchRequest
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
from services.mcp.tools.served.research.common import ANSWER_LIMIT, OPEN_WORLD
from services.mcp.tools.served.research.reading import (
    PAGE_LIMITS,
    ReadPage,
    page_phrase,
    read_page,
    text_field,
    url_field,
)
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.pages import page_of
from services.mcp.tools.served.web.site import Site, Source, instant

MAX_WAIT_S = 10.0
_RENDERING_S = 30.0
_TOTAL_S = 45.0
_UNSET = "MOE_SPLASH_URL is not set: there is no browser of ours"


class BrowserArguments(ToolModel):
    """A page, and how long its scripts may run before it is read."""

    url: str = url_field()
    wait_seconds: float = Field(2.0, ge=0, le=MAX_WAIT_S)
    max_chars: int = text_field()


class BrowserResult(ToolModel):
    """What a person would read."""

    url: str
    page: ReadPage


def web_browser(settings: ResearchSettings, outside: Outside) -> ServedTool[BrowserArguments, BrowserResult]:
    base = settings.splash_url

    async def run(arguments: BrowserArguments, _: Caller) -> BrowserResult:
        if not base:
            raise ToolError("unavailable", _UNSET)
        url = await _checked(outside, arguments.url)
        site = Site("Splash", base, outside.service(base, _TOTAL_S))
        answer = await site.fetched(_request(base, url, arguments.wait_seconds))
        source = Source(name="Splash", url=url, retrieved_at=instant(answer.retrieved_at))
        return BrowserResult(url=url, page=read_page(await page_of(answer, url[:40]), arguments.max_chars, source))

    return ServedTool(
        name="web_browser",
        group="research",
        description=Bilingual(
            en="Read a web page as a browser shows it, scripts included",
            de="Eine Webseite lesen, wie ein Browser sie zeigt, mit ihren Skripten",
        ),
        keywords=Bilingual(
            en="browser web page open url website read visit javascript",
            de="browser webseite öffnen url lesen besuchen",
        ),
        arguments=BrowserArguments,
        result=BrowserResult,
        run=run,
        answer=_phrase,
        limits=(*PAGE_LIMITS, Limit(name="wait", value=int(MAX_WAIT_S), unit="seconds"), ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"url": "https://example.org/", "wait_seconds": 60.0}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=None if base else _UNSET,
        timeout_s=60.0,
    )


async def _checked(outside: Outside, url: str) -> str:
    try:
        return await outside.web.check(url)
    except FetchError as error:
        raise ToolError("invalid_argument", f"url: {error}") from error


def _request(base: str, url: str, wait_s: float) -> FetchRequest:
    fields = {"url": url, "wait": wait_s, "timeout": _RENDERING_S, "resource_timeout": 10, "images": 0}
    json = (("content-type", "application/json"),)
    return FetchRequest(f"{base}/render.html", "POST", json, body=orjson.dumps(fields))


def _phrase(result: BrowserResult, style: AnswerStyle) -> str:
    return page_phrase(result.page, result.url, style)


_EXAMPLE = Example(
    args={"url": "https://example.com/"},
    result={
        "url": "https://example.com/",
        "page": {
            "title": "Example Domain",
            "text": ("Example Domain\n\nThis domain is established to be used for illustrative examples."),
            "cut": False,
            "source": {"name": "Splash", "url": "https://example.com/", "retrieved_at": "2025-10-09T08:53:20Z"},
        },
    },
    answer=(
        "Example Domain, https://example.com/: “Example Domain This domain is establi"
        "shed to be used for illustrative examples.”."
    ),
)
