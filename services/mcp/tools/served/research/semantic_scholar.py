"""`semantic_scholar_search`: papers by the Academic Graph API, `/graph/v1/paper/search`."""

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

_FIELDS = "title,year,venue,authors,abstract,url,citationCount,openAccessPdf,externalIds,publicationTypes"


class SemanticScholarArguments(ToolModel):
    """Words to search for; `year_filter` is a year or a span, `2019`, `2016-2020`, `2010-`.

    `fetch_pdf`: only papers that have a PDF in the open; read it by its `open_access_url` with `fetch_pdf_text`.
    """

    query: str = query_field()
    year_filter: str = Field("", max_length=9, pattern=r"^(\d{4}(-(\d{4})?)?|-\d{4})?$")
    max_results: int = count_field(5)
    fetch_pdf: bool = False


class _Named(Reply):
    name: str | None = None


class _Pdf(Reply):
    url: str | None = None


class _Ids(Reply):
    doi: str | None = Field(None, alias="DOI")


class _Paper(Reply):
    title: str | None = None
    year: int | None = None
    venue: str | None = None
    authors: tuple[_Named, ...] | None = None
    abstract: str | None = None
    url: str | None = None
    cited_by: int | None = Field(None, alias="citationCount")
    pdf: _Pdf | None = Field(None, alias="openAccessPdf")
    ids: _Ids | None = Field(None, alias="externalIds")
    kinds: tuple[str, ...] | None = Field(None, alias="publicationTypes")


class _Answer(Reply):
    total: int
    data: tuple[_Paper, ...] = ()


def semantic_scholar_search(outside: Outside) -> ServedTool[SemanticScholarArguments, WorksResult]:
    site = Site("Semantic Scholar", "https://api.semanticscholar.org", outside.web)

    async def run(arguments: SemanticScholarArguments, _: Caller) -> WorksResult:
        query: dict[str, str | int] = {"query": arguments.query, "limit": arguments.max_results, "fields": _FIELDS}
        if arguments.year_filter:
            query["year"] = arguments.year_filter
        if arguments.fetch_pdf:
            query["openAccessPdf"] = ""
        response = await site.get("/graph/v1/paper/search", query, _Answer)
        works = tuple(_work(paper) for paper in response.reply.data[: arguments.max_results])
        return WorksResult(works=works, total=response.reply.total, source=response.source)

    return ServedTool(
        name="semantic_scholar_search",
        group="research",
        description=Bilingual(
            en="Search papers with abstracts in Semantic Scholar",
            de="Aufsätze mit Kurzfassungen in Semantic Scholar suchen",
        ),
        keywords=Bilingual(
            en="semantic scholar papers abstracts citations research arxiv",
            de="semantic scholar aufsätze kurzfassungen zitate forschung arxiv",
        ),
        arguments=SemanticScholarArguments,
        result=WorksResult,
        run=run,
        answer=phrase,
        limits=(QUERY_LIMIT, RESULTS_LIMIT, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"query": "attention", "year_filter": "20"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
    )


def _work(paper: _Paper) -> Work:
    names = [one.name or "" for one in paper.authors or ()]
    return Work(
        title=unmarked(paper.title, MAX_TITLE_CHARS),
        authors=tuple(line(name, MAX_NAME_CHARS) for name in names[:MAX_AUTHORS]),
        author_count=len(names),
        year=paper.year,
        venue=line(paper.venue, MAX_TITLE_CHARS),
        kind=line(next(iter(paper.kinds or ()), ""), 60),
        doi=plain_doi(paper.ids.doi if paper.ids else ""),
        url=link(paper.url),
        cited_by=paper.cited_by,
        open_access_url=link(paper.pdf.url if paper.pdf else ""),
        abstract=line(paper.abstract, MAX_SNIPPET_CHARS),
    )


_EXAMPLE = Example(
    args={"query": "attention is all you need", "max_results": 1},
    result={
        "works": [
            {
                "title": "Attention is All you Need",
                "authors": ["Ashish Vaswani", "Noam M. Shazeer"],
                "author_count": 2,
                "year": 2017,
                "venue": "Neural Information Processing Systems",
                "kind": "JournalArticle",
                "doi": "",
                "url": ("https://www.semanticscholar.org/paper/204e3073870fae3d05bcbc2f6a8e263d9b72e776"),
                "cited_by": 131287,
                "open_access_url": "https://arxiv.org/pdf/1706.03762",
                "abstract": (
                    "The dominant sequence transduction models are based on complex recurrent or "
                    "convolutional neural networks."
                ),
            }
        ],
        "total": 301822,
        "source": {
            "name": "Semantic Scholar",
            "url": (
                "https://api.semanticscholar.org/graph/v1/paper/search?query=attention%20is%2"
                "0all%20you%20need&limit=1&fields=title%2Cyear%2Cvenue%2Cauthors%2Cabstract%2"
                "Curl%2CcitationCount%2CopenAccessPdf%2CexternalIds%2CpublicationTypes"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer="Semantic Scholar: “Attention is All you Need” (Ashish Vaswani et al., 2017).",
)
