"""What a search of the web finds."""

from services.mcp.contract import AnswerStyle, ToolModel
from services.mcp.tools.served.research.common import MAX_SNIPPET_CHARS, MAX_TITLE_CHARS, listed
from services.mcp.tools.served.web.site import Source
from services.mcp.tools.served.web.text import line, link


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
    """None for an invalid link."""
    if not link(url):
        return None
    return Hit(title=line(title, MAX_TITLE_CHARS), url=url, snippet=line(snippet, MAX_SNIPPET_CHARS))


def phrase(result: HitsResult, style: AnswerStyle) -> str:
    """One sentence with the first pages."""
    return listed(style, result.source.name, [f"“{one.title}” ({one.url})" for one in result.results])
