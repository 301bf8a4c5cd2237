"""`crossref_lookup`: works by Crossref's REST API, `/works`."""

from pydantic import Field

from services.mcp.contract import Bilingual, Caller, ErrorExample, Example, ServedTool, ToolModel
from services.mcp.tools.served.research.common import (
    ANSWER_LIMIT,
    MAX_AUTHORS,
    MAX_NAME_CHARS,
    MAX_SNIPPET_CHARS,
    MAX_TITLE_CHARS,
    OPEN_WORLD,
    QUERY_LIMIT,
    RESULTS_LIMIT,
    count_field,
    query_field,
)
from services.mcp.tools.served.research.works import Work, WorksResult, phrase, plain_doi
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Reply, Site
from services.mcp.tools.served.web.text import line, link, unmarked

_SELECTED = "DOI,title,author,issued,container-title,type,URL,is-referenced-by-count,abstract"


class CrossrefArguments(ToolModel):
    """Words of title, authors or a whole reference; `filter_type` is Crossref's type, `journal-article` for example."""

    query: str = query_field()
    max_results: int = count_field(5)
    filter_type: str = Field("", max_length=40, pattern=r"^[a-z-]*$")


class _Author(Reply):
    given: str = ""
    family: str = ""
    name: str = ""


class _Issued(Reply):
    date_parts: tuple[tuple[int | None, ...], ...] = Field((), alias="date-parts")


class _Item(Reply):
    doi: str = Field("", alias="DOI")
    title: tuple[str, ...] = ()
    author: tuple[_Author, ...] = ()
    issued: _Issued = _Issued()
    venues: tuple[str, ...] = Field((), alias="container-title")
    type: str = ""
    url: str = Field("", alias="URL")
    cited_by: int | None = Field(None, alias="is-referenced-by-count")
    abstract: str = ""


class _Message(Reply):
    total: int = Field(alias="total-results")
    items: tuple[_Item, ...]


class _Answer(Reply):
    message: _Message


def crossref_lookup(outside: Outside) -> ServedTool[CrossrefArguments, WorksResult]:
    site = Site("Crossref", "https://api.crossref.org", outside.web)

    async def run(arguments: CrossrefArguments, _: Caller) -> WorksResult:
        query: dict[str, str | int] = {"query": arguments.query, "rows": arguments.max_results, "select": _SELECTED}
        if arguments.filter_type:
            query["filter"] = f"type:{arguments.filter_type}"
        response = await site.get("/works", query, _Answer)
        works = tuple(_work(item) for item in response.reply.message.items[: arguments.max_results])
        return WorksResult(works=works, total=response.reply.message.total, source=response.source)

    return ServedTool(
        name="crossref_lookup",
        group="research",
        description=Bilingual(
            en="Find publications and their DOIs in Crossref", de="Veröffentlichungen und ihre DOIs in Crossref finden"
        ),
        keywords=Bilingual(
            en="crossref doi paper article journal publication reference citation",
            de="crossref doi aufsatz artikel zeitschrift veröffentlichung literaturangabe zitat",
        ),
        arguments=CrossrefArguments,
        result=WorksResult,
        run=run,
        answer=phrase,
        limits=(QUERY_LIMIT, RESULTS_LIMIT, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"query": "turing", "filter_type": "Journal Article"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
    )


def _work(item: _Item) -> Work:
    names = [one.name or f"{one.given} {one.family}" for one in item.author]
    year = next((date[0] for date in item.issued.date_parts if date), None)
    return Work(
        title=unmarked(item.title[0] if item.title else "", MAX_TITLE_CHARS),
        authors=tuple(line(name, MAX_NAME_CHARS) for name in names[:MAX_AUTHORS]),
        author_count=len(names),
        year=year,
        venue=unmarked(item.venues[0] if item.venues else "", MAX_TITLE_CHARS),
        kind=line(item.type, 60),
        doi=plain_doi(item.doi),
        url=link(item.url),
        cited_by=item.cited_by,
        open_access_url="",
        abstract=unmarked(item.abstract, MAX_SNIPPET_CHARS),
    )


_EXAMPLE = Example(
    args={"query": "turing computable numbers", "max_results": 1},
    result={
        "works": [
            {
                "title": "On Computable Numbers, with an Application to the Entscheidungsproblem",
                "authors": ["A. M. Turing"],
                "author_count": 1,
                "year": 1937,
                "venue": "Proceedings of the London Mathematical Society",
                "kind": "journal-article",
                "doi": "10.1112/plms/s2-42.1.230",
                "url": "https://doi.org/10.1112/plms/s2-42.1.230",
                "cited_by": 5433,
                "open_access_url": "",
                "abstract": "",
            }
        ],
        "total": 41873,
        "source": {
            "name": "Crossref",
            "url": (
                "https://api.crossref.org/works?query=turing%20computable%20numbers&rows=1&se"
                "lect=DOI%2Ctitle%2Cauthor%2Cissued%2Ccontainer-title%2Ctype%2CURL%2Cis-refer"
                "enced-by-count%2Cabstract"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=(
        "Crossref: “On Computable Numbers, with an Application to the Entscheidungspr"
        "oblem” (A. M. Turing, 1937, doi:10.1112/plms/s2-42.1.230)."
    ),
)
