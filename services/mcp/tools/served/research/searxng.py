"""`web_search_domain`: pages of one domain, by SearXNG's search API in its JSON format."""

from pydantic import Field

from services.mcp.contract import (
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
    ToolModel,
)
from services.mcp.tools.served.research.common import (
    ANSWER_LIMIT,
    OPEN_WORLD,
    QUERY_LIMIT,
    RESULTS_LIMIT,
    count_field,
    query_field,
)
from services.mcp.tools.served.research.hits import HitsResult, hit, phrase
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Reply, Site

MAX_DOMAIN_CHARS = 253
_TOTAL_S = 20.0
_UNSET = "SEARXNG_URL is not set: there is no search engine of ours"


class SearchDomainArguments(ToolModel):
    """Words, and the domain that pages have to be of; empty for the whole web."""

    query: str = query_field()
    domain: str = Field("", max_length=MAX_DOMAIN_CHARS, pattern=r"^([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{0,63}$")
    max_results: int = count_field(5)


class _Result(Reply):
    title: str = ""
    url: str = ""
    content: str | None = ""


class _Answer(Reply):
    results: tuple[_Result, ...]


def web_search_domain(settings: ResearchSettings, outside: Outside) -> ServedTool[SearchDomainArguments, HitsResult]:
    base = settings.searxng_url

    async def run(arguments: SearchDomainArguments, _: Caller) -> HitsResult:
        if not base:
            raise ToolError("unavailable", _UNSET)
        site = Site("SearXNG", base, outside.service(base, _TOTAL_S))
        words = f"{arguments.query} site:{arguments.domain}" if arguments.domain else arguments.query
        response = await site.get("/search", {"q": words, "format": "json"}, _Answer)
        found = [hit(one.title, one.url, one.content or "") for one in response.reply.results]
        matching = [one for one in found if one is not None and _is_of(one.url, arguments.domain.lower())]
        return HitsResult(results=tuple(matching[: arguments.max_results]), source=response.source)

    return ServedTool(
        name="web_search_domain",
        group="research",
        description=Bilingual(en="Search the web within one domain", de="Das Web innerhalb einer Domain durchsuchen"),
        keywords=Bilingual(
            en="web search internet domain site pages find online",
            de="websuche internet domain seite finden online suche",
        ),
        arguments=SearchDomainArguments,
        result=HitsResult,
        run=run,
        answer=phrase,
        limits=(
            QUERY_LIMIT,
            Limit(name="domain_chars", value=MAX_DOMAIN_CHARS, unit="characters"),
            RESULTS_LIMIT,
            ANSWER_LIMIT,
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"query": "x", "domain": "a b"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=None if base else _UNSET,
    )


def _is_of(url: str, domain: str) -> bool:
    """Whether a page belongs to a domain: engines treat `site:` as a hint."""
    host = url.split("/", 3)[2].partition(":")[0].lower()
    return not domain or host == domain or host.endswith(f".{domain}")


_EXAMPLE = Example(
    args={"query": "ada lovelace", "domain": "britannica.com"},
    result={
        "results": [
            {
                "title": "Ada Lovelace | Biography, Computer, & Facts",
                "url": "https://www.britannica.com/biography/Ada-Lovelace",
                "snippet": "Ada Lovelace, English mathematician, an associate of Charles Babbage.",
            }
        ],
        "source": {
            "name": "SearXNG",
            "url": ("http://searxng:8080/search?q=ada%20lovelace%20site%3Abritannica.com&format=json"),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=(
        "SearXNG: “Ada Lovelace | Biography, Computer, & Facts” (https://www.britannica.com/biography/Ada-Lovelace)."
    ),
)
