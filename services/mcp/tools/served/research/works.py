"""A published work, common to all literature catalogues."""

from pydantic import Field

from services.mcp.contract import AnswerStyle, ToolModel
from services.mcp.tools.served.research.common import MAX_AUTHORS, listed
from services.mcp.tools.served.web.site import Source


class Work(ToolModel):
    """One work. Empty texts and nulls: the catalogue does not say."""

    title: str
    authors: tuple[str, ...] = Field(description=f"the first {MAX_AUTHORS}")
    author_count: int
    year: int | None
    venue: str
    kind: str
    doi: str
    url: str
    cited_by: int | None
    open_access_url: str
    abstract: str


class WorksResult(ToolModel):
    """Works in the order of the catalogue. `total` is how many it has for the question, null if it does not say."""

    works: tuple[Work, ...]
    total: int | None
    source: Source


def phrase(result: WorksResult, style: AnswerStyle) -> str:
    """One sentence with the first works."""
    return listed(style, result.source.name, [_line(work) for work in result.works])


def plain_doi(text: str | None) -> str:
    """DOI without its resolver, lower case as DOIs are compared."""
    doi = (text or "").lower().removeprefix("https://doi.org/").removeprefix("http://dx.doi.org/")
    return doi if doi.startswith("10.") and len(doi) <= 300 and doi.isprintable() else ""


def _line(work: Work) -> str:
    who = work.authors[0] + (" et al." if work.author_count > 1 else "") if work.authors else ""
    when = str(work.year) if work.year is not None else ""
    about = ", ".join(part for part in (who, when, f"doi:{work.doi}" if work.doi else "") if part)
    return f"“{work.title}” ({about})" if about else f"“{work.title}”"
