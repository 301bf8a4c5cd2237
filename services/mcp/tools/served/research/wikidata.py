"""`wikidata_search`: entities of Wikidata by name, by the module wbsearchentities of its action API."""

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, Caller, ErrorExample, Example, ServedTool, ToolModel
from services.mcp.tools.served.research.common import (
    ANSWER_LIMIT,
    MAX_RESULTS,
    MAX_SNIPPET_CHARS,
    MAX_TITLE_CHARS,
    OPEN_WORLD,
    QUERY_LIMIT,
    RESULTS_LIMIT,
    count_field,
    listed,
    query_field,
)
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Reply, Site, Source
from services.mcp.tools.served.web.text import line


class WikidataSearchArguments(ToolModel):
    """A name, and the language that it is in."""

    text: str = query_field()
    language: str = Field("en", max_length=12, pattern=r"^[a-z]{2,3}(-[a-z]{2,8})?$")
    max_results: int = count_field(5)


class WikidataItem(ToolModel):
    id: str
    label: str
    description: str


class WikidataSearchResult(ToolModel):
    """Entities, best first."""

    items: tuple[WikidataItem, ...]
    source: Source


class _Entity(Reply):
    id: str = Field(pattern=r"^[QPL]\d{1,12}")
    label: str = ""
    description: str = ""


class _Answer(Reply):
    search: tuple[_Entity, ...]


def wikidata_search(outside: Outside) -> ServedTool[WikidataSearchArguments, WikidataSearchResult]:
    site = Site("Wikidata", "https://www.wikidata.org", outside.web)

    async def run(arguments: WikidataSearchArguments, _: Caller) -> WikidataSearchResult:
        query: dict[str, str | int] = {
            "action": "wbsearchentities",
            "format": "json",
            "search": arguments.text,
            "language": arguments.language,
            "uselang": arguments.language,
            "limit": arguments.max_results,
        }
        response = await site.get("/w/api.php", query, _Answer)
        items = tuple(_item(one) for one in response.reply.search[:MAX_RESULTS])
        return WikidataSearchResult(items=items, source=response.source)

    return ServedTool(
        name="wikidata_search",
        group="research",
        description=_DESCRIPTION,
        keywords=_KEYWORDS,
        arguments=WikidataSearchArguments,
        result=WikidataSearchResult,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_EXAMPLE,
        error_example=ErrorExample(args={"text": ""}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
    )


def _item(one: _Entity) -> WikidataItem:
    label, description = line(one.label, MAX_TITLE_CHARS), line(one.description, MAX_SNIPPET_CHARS)
    return WikidataItem(id=one.id, label=label, description=description)


def _phrase(result: WikidataSearchResult, style: AnswerStyle) -> str:
    return listed(style, "Wikidata", [_line(item) for item in result.items])


def _line(item: WikidataItem) -> str:
    return f"{item.label or item.id} ({item.id}{', ' + item.description if item.description else ''})"


_DESCRIPTION = Bilingual(en="Find Wikidata entities by name", de="Wikidata-Objekte nach ihrem Namen finden")
_KEYWORDS = Bilingual(
    en="wikidata entity item identifier qid knowledge base",
    de="wikidata objekt entität kennung qid wissensbasis",
)
_LIMITS = (QUERY_LIMIT, RESULTS_LIMIT, ANSWER_LIMIT)
_EXAMPLE = Example(
    args={"text": "Ada Lovelace", "max_results": 2},
    result={
        "items": [
            {"id": "Q7259", "label": "Ada Lovelace", "description": "English mathematician (1815-1852)"},
            {"id": "Q97356262", "label": "Ada Lovelace Medal", "description": ""},
        ],
        "source": {
            "name": "Wikidata",
            "url": (
                "https://www.wikidata.org/w/api.php?action=wbsearchentities&format=json&searc"
                "h=Ada%20Lovelace&language=en&uselang=en&limit=2"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=("Wikidata: Ada Lovelace (Q7259, English mathematician (1815-1852)); Ada Lovelace Medal (Q97356262)."),
)
