"""`duckduckgo_search`: the web by DuckDuckGo's page for browsers without scripts; it has no interface for programs."""

from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from services.mcp.contract import Bilingual, Caller, ErrorExample, Example, ServedTool, ToolError, ToolModel
from services.mcp.tools.served.research.common import (
    ANSWER_LIMIT,
    MAX_SNIPPET_CHARS,
    OPEN_WORLD,
    QUERY_LIMIT,
    RESULTS_LIMIT,
    count_field,
    query_field,
)
from services.mcp.tools.served.research.hits import Hit, HitsResult, hit, phrase
from services.mcp.tools.served.web.markup import Tag, inner_text, pieces
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.pages import decoded, scanned
from services.mcp.tools.served.web.site import Site
from services.mcp.tools.served.web.text import line

_NO_RESULTS = "no-results"
_CHALLENGE = "anomaly"


class DuckDuckGoArguments(ToolModel):
    """Words, and a region such as de-de or us-en; wt-wt is the whole world."""

    query: str = query_field()
    max_results: int = count_field(5)
    region: str = Field("wt-wt", max_length=5, pattern=r"^[a-z]{2}-[a-z]{2}$")


def duckduckgo_search(outside: Outside) -> ServedTool[DuckDuckGoArguments, HitsResult]:
    site = Site("DuckDuckGo", "https://html.duckduckgo.com", outside.web)

    async def run(arguments: DuckDuckGoArguments, _: Caller) -> HitsResult:
        answer = await site.request("/html/", {"q": arguments.query, "kl": arguments.region})
        markup = decoded(answer)
        found = await scanned(_hits, markup)
        if not found and _NO_RESULTS not in markup:
            if _CHALLENGE in markup:
                raise ToolError("outside_failed", "DuckDuckGo wants to see a person; try again later")
            raise site.misunderstood()
        return HitsResult(results=tuple(found[: arguments.max_results]), source=site.source(answer))

    return ServedTool(
        name="duckduckgo_search",
        group="research",
        description=Bilingual(en="Search the web with DuckDuckGo", de="Das Web mit DuckDuckGo durchsuchen"),
        keywords=Bilingual(
            en="web search internet duckduckgo news current find online",
            de="websuche internet duckduckgo nachrichten aktuell finden online",
        ),
        arguments=DuckDuckGoArguments,
        result=HitsResult,
        run=run,
        answer=phrase,
        limits=(QUERY_LIMIT, RESULTS_LIMIT, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"query": "x", "region": "world"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
    )


def _hits(markup: str) -> list[Hit]:
    """Read the results: an anchor of the class result__a, then one of result__snippet. Advertisements are left out."""
    found: list[Hit] = []
    title = url = ""
    parts = pieces(markup)
    for part in parts:
        if not isinstance(part, Tag) or part.name != "a":
            continue
        if part.has_class("result__a"):
            found += _relevant(title, url, "")
            title, url = inner_text(parts, "/a"), _target(part.attribute("href"))
        elif part.has_class("result__snippet") and url:
            found += _relevant(title, url, inner_text(parts, "/a"))
            title = url = ""
    return found + _relevant(title, url, "")


def _relevant(title: str, url: str, snippet: str) -> list[Hit]:
    one = hit(title, url, line(snippet, MAX_SNIPPET_CHARS)) if url else None
    return [one] if one is not None else []


def _target(link: str) -> str:
    """Target of a result: its links lead through DuckDuckGo, those of advertisements through y.js."""
    parts = urlsplit(f"https:{link}" if link.startswith("//") else link)
    if parts.hostname is None or not parts.hostname.endswith("duckduckgo.com"):
        return link
    return parse_qs(parts.query).get("uddg", [""])[0] if parts.path == "/l/" else ""


_EXAMPLE = Example(
    args={"query": "ada lovelace", "max_results": 1},
    result={
        "results": [
            {
                "title": "Ada Lovelace - Wikipedia",
                "url": "https://en.wikipedia.org/wiki/Ada_Lovelace",
                "snippet": "Ada Lovelace was an English mathematician & writer.",
            }
        ],
        "source": {
            "name": "DuckDuckGo",
            "url": "https://html.duckduckgo.com/html/?q=ada%20lovelace&kl=wt-wt",
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=("DuckDuckGo: “Ada Lovelace - Wikipedia” (https://en.wikipedia.org/wiki/Ada_Lovelace)."),
)
