"""`pubmed_search`: articles by NCBI's E-utilities, ESearch for the ids and ESummary for the details."""

import re

from pydantic import Field

from services.mcp.contract import Bilingual, Caller, ErrorExample, Example, ServedTool, ToolModel
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
)
from services.mcp.tools.served.research.entrez import EUTILS, found_ids
from services.mcp.tools.served.research.works import Work, WorksResult, phrase, plain_doi
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Reply, Site
from services.mcp.tools.served.web.text import line, unmarked

_YEAR = re.compile(r"\d{4}")


class PubMedArguments(ToolModel):
    """A query as PubMed takes it; `year_min` is the first year of publication that is wanted."""

    query: str = query_field()
    max_results: int = count_field(5)
    year_min: int = year_field()


class _Author(Reply):
    name: str = ""


class _Id(Reply):
    idtype: str
    value: str


class _Summary(Reply):
    uid: str = Field(pattern=r"^\d{1,10}$")
    title: str = ""
    pubdate: str = ""
    fulljournalname: str = ""
    source: str = ""
    authors: tuple[_Author, ...] = ()
    articleids: tuple[_Id, ...] = ()
    pubtype: tuple[str, ...] = ()


class _Answer(Reply):
    result: dict[str, _Summary | tuple[str, ...]]


def pubmed_search(outside: Outside) -> ServedTool[PubMedArguments, WorksResult]:
    site = Site("PubMed", EUTILS, outside.web)

    async def run(arguments: PubMedArguments, _: Caller) -> WorksResult:
        term = arguments.query
        if arguments.year_min:
            term = f"({term}) AND {arguments.year_min:04}:3000[dp]"
        found = await found_ids(site, "pubmed", term, arguments.max_results)
        if not found.ids:
            return WorksResult(works=(), total=found.total, source=found.source)
        query: dict[str, str | int] = {"db": "pubmed", "id": ",".join(found.ids), "retmode": "json"}
        response = await site.get("/esummary.fcgi", query, _Answer)
        summaries = (response.reply.result.get(one) for one in found.ids)
        works = tuple(_work(one) for one in summaries if isinstance(one, _Summary))
        return WorksResult(works=works, total=found.total, source=found.source)

    return ServedTool(
        name="pubmed_search",
        group="research",
        description=Bilingual(
            en="Search biomedical articles in PubMed", de="Biomedizinische Aufsätze in PubMed suchen"
        ),
        keywords=Bilingual(
            en="pubmed medicine biomedical clinical study trial article pmid",
            de="pubmed medizin biomedizin klinische studie aufsatz pmid",
        ),
        arguments=PubMedArguments,
        result=WorksResult,
        run=run,
        answer=phrase,
        limits=(QUERY_LIMIT, RESULTS_LIMIT, ANSWER_LIMIT),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"query": "crispr", "max_results": 0}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
        timeout_s=45.0,
    )


def _work(one: _Summary) -> Work:
    year = _YEAR.search(one.pubdate)
    doi = next((other.value for other in one.articleids if other.idtype == "doi"), "")
    return Work(
        title=unmarked(one.title, MAX_TITLE_CHARS),
        authors=tuple(line(author.name, MAX_NAME_CHARS) for author in one.authors[:MAX_AUTHORS]),
        author_count=len(one.authors),
        year=int(year[0]) if year else None,
        venue=line(one.fulljournalname or one.source, MAX_TITLE_CHARS),
        kind=line(next(iter(one.pubtype), ""), 60),
        doi=plain_doi(doi),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{one.uid}/",
        cited_by=None,
        open_access_url="",
        abstract="",
    )


_EXAMPLE = Example(
    args={"query": "crispr", "max_results": 1, "year_min": 2012},
    result={
        "works": [
            {
                "title": ("A programmable dual-RNA-guided DNA endonuclease in adaptive bacterial immunity."),
                "authors": ["Jinek M", "Chylinski K", "Charpentier E"],
                "author_count": 3,
                "year": 2012,
                "venue": "Science (New York, N.Y.)",
                "kind": "Journal Article",
                "doi": "10.1126/science.1225829",
                "url": "https://pubmed.ncbi.nlm.nih.gov/22745249/",
                "cited_by": None,
                "open_access_url": "",
                "abstract": "",
            }
        ],
        "total": 4302,
        "source": {
            "name": "PubMed",
            "url": (
                "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=pubmed&term=%2"
                "8crispr%29%20AND%202012%3A3000%5Bdp%5D&retmax=1&retmode=json&sort=relevance"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=(
        "PubMed: “A programmable dual-RNA-guided DNA endonuclease in adaptive bacteri"
        "al immunity.” (Jinek M et al., 2012, doi:10.1126/science.1225829)."
    ),
)
