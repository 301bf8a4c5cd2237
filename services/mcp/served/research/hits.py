"""What a search of the web finds."""

from services.mcp.served.research.common import MAX_SNIPPET_CHARS, MAX_TITLE_CHARS, listed
from services.mcp.served.web.site import Source
from services.mcp.served.web.text import line, link
from services.mcp.tools.contract import AnswerStyle, ToolModel


class Hit(ToolModel):
    """One page; nothing of it was checked."""

    title: str
    url: str
    snippet: str


class HitsResult(ToolModel):
    """Pages, best first."""

    results: tuple[Hit, ...]
    source: Source


def hit(title: str, url: str, snippet: str) -> Hit | None:
    """Return a hit, None where its link is none."""
    if not link(url):
        return None
    return Hit(title=line(title, MAX_TITLE_CHARS), url=url, snippet=line(snippet, MAX_SNIPPET_CHARS))


def phrase(result: HitsResult, style: AnswerStyle) -> str:
    """Return one sentence with the first pages."""
    return listed(style, result.source.name, [f"“{one.title}” ({one.url})" for one in result.results])
