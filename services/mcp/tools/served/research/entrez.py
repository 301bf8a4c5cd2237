"""ESearch of NCBI's E-utilities: ids of the matches of a term in a database of Entrez."""

from dataclasses import dataclass

from pydantic import Field

from services.mcp.contract import ToolError
from services.mcp.tools.served.web.site import Reply, Site, Source

EUTILS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"


@dataclass(frozen=True, slots=True)
class Found:
    """Ids, best first; `total` is how many there are."""

    ids: tuple[str, ...]
    total: int
    source: Source


class _Result(Reply):
    count: int = 0
    idlist: tuple[str, ...] = ()
    error: str | None = Field(None, alias="ERROR")


class _Answer(Reply):
    esearchresult: _Result


async def found_ids(site: Site, database: str, term: str, limit: int) -> Found:
    """Ids of the matches of a term. Raises ToolError."""
    query: dict[str, str | int] = {
        "db": database,
        "term": term,
        "retmax": limit,
        "retmode": "json",
        "sort": "relevance",
    }
    response = await site.get("/esearch.fcgi", query, _Answer)
    result = response.reply.esearchresult
    if result.error is not None:
        raise ToolError("outside_failed", f"{site.name} cannot search for that; simplify the query")
    ids = tuple(one for one in result.idlist[:limit] if one.isascii() and one.isdigit() and len(one) <= 10)
    return Found(ids, result.count, response.source)
