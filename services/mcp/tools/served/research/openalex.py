"""`openalex_search`: works by OpenAlex's API, `/works`."""

from services.mcp.contract import Bilingual, Caller, ErrorExample, Example, ServedTool, ToolError, ToolModel
from services.mcp.tools.served.research.common import (
    ANSWER_LIMIT,
    MAX_AUTHORS,
    MAX_NAME_CHARS,
    MAX_TITLE_CHARS,
    OPEN_WORLD,
    QUERY_LIMIT,
    RESULTS_LIMIT,
    count_field,
    query_field,
    year_field,
    years_in,
)
from services.mcp.tools.served.research.works import Work, WorksResult, phrase, plain_doi
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Reply, Site
from services.mcp.tools.served.web.text import line, link, unmarked

_SELECTED = "id,doi,display_name,publication_year,type,cited_by_count,open_access,authorships,primary_location"


class OpenAlexArguments(ToolModel):
    """Words of title, abstract or full text; years are inclusive."""

    query: str = query_field()
    max_results: int = count_field(5)
    year_min: int = year_field()
    year_max: int = year_field()
    open_access_only: bool = False


class _Access(Reply):
    oa_url: str | None = None


class _Named(Reply):
    display_name: str | None = None


class _Authorship(Reply):
    author: _Named = _Named()


class _Location(Reply):
    source: _Named | None = None


class _Item(Reply):
    id: str
    doi: str | None = None
    display_name: str | None = None
    publication_year: int | None = None
    type: str | None = None
    cited_by_count: int | None = None
    open_access: _Access = _Access()
    authorships: tuple[_Authorship, ...] = ()
    primary_location: _Location | None = None


class _Meta(Reply):
    count: int


class _Answer(Reply):
    meta: _Meta
    results: tuple[_Item, ...]


def openalex_search(outside: Outside) -> ServedTool[OpenAlexArguments, WorksResult]:
    site = Site("OpenAlex", "https://api.openalex.org", outside.web)

    async def run(arguments: OpenAlexArguments, _: Caller) -> WorksResult:
        if not years_in(arguments.year_min, arguments.year_max):
            raise ToolError("invalid_argument", "year_min: is later than year_max")
        response = await site.get("/works", _query(arguments), _Answer)
        works = tuple(_work(item) for item in response.reply.results[: arguments.max_results])
        return WorksResult(works=works, total=response.reply.meta.count, source=response.source)

    return ServedTool(
        name="openalex_search",
        group="research",
        description=Bilingual(
            en="Search scholarly works in OpenAlex, by year and open access",
            de="Wissenschaftliche Werke in OpenAlex suchen, nach Jahr und offenem Zugang",
        ),
        keywords=Bilingual(
            en="openalex papers scholarly works citations open access research",
            de="openalex aufsätze wissenschaft werke zitate open access forschung",
        ),
        arguments=OpenAlexArguments,
        result=WorksResult,
        run=run,
        answer=phrase,
        limits=(QUERY_LIMIT, RESULTS_LIMIT, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(
            args={"query": "graphene", "year_min": 2020, "year_max": 2010}, code="invalid_argument"
        ),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
    )


def _query(arguments: OpenAlexArguments) -> dict[str, str | int]:
    filters = [
        f"from_publication_date:{arguments.year_min:04}-01-01" if arguments.year_min else "",
        f"to_publication_date:{arguments.year_max:04}-12-31" if arguments.year_max else "",
        "is_oa:true" if arguments.open_access_only else "",
    ]
    query: dict[str, str | int] = {
        "search": arguments.query,
        "per-page": arguments.max_results,
        "select": _SELECTED,
    }
    if any(filters):
        query["filter"] = ",".join(one for one in filters if one)
    return query


def _work(item: _Item) -> Work:
    names = [one.author.display_name or "" for one in item.authorships]
    venue = item.primary_location.source if item.primary_location else None
    return Work(
        title=unmarked(item.display_name, MAX_TITLE_CHARS),
        authors=tuple(line(name, MAX_NAME_CHARS) for name in names[:MAX_AUTHORS]),
        author_count=len(names),
        year=item.publication_year,
        venue=unmarked(venue.display_name if venue else "", MAX_TITLE_CHARS),
        kind=line(item.type, 60),
        doi=plain_doi(item.doi),
        url=link(item.id),
        cited_by=item.cited_by_count,
        open_access_url=link(item.open_access.oa_url),
        abstract="",
    )


_EXAMPLE = Example(
    args={"query": "graphene", "max_results": 1, "year_min": 2004, "year_max": 2004},
    result={
        "works": [
            {
                "title": "Electric Field Effect in Atomically Thin Carbon Films",
                "authors": ["Kostya S. Novoselov", "A. K. Geim"],
                "author_count": 2,
                "year": 2004,
                "venue": "Science",
                "kind": "article",
                "doi": "10.1126/science.1102896",
                "url": "https://openalex.org/W2058122340",
                "cited_by": 62417,
                "open_access_url": "http://arxiv.org/pdf/cond-mat/0410550",
                "abstract": "",
            }
        ],
        "total": 1298,
        "source": {
            "name": "OpenAlex",
            "url": (
                "https://api.openalex.org/works?search=graphene&per-page=1&select=id%2Cdoi%2C"
                "display_name%2Cpublication_year%2Ctype%2Ccited_by_count%2Copen_access%2Cauth"
                "orships%2Cprimary_location&filter=from_publication_date%3A2004-01-01%2Cto_pu"
                "blication_date%3A2004-12-31"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=(
        "OpenAlex: “Electric Field Effect in Atomically Thin Carbon Films” (Kostya S."
        " Novoselov et al., 2004, doi:10.1126/science.1102896)."
    ),
)
