"""`wikipedia_get_section`: one section of an article, by the parse module of MediaWiki's action API."""

import re

from pydantic import Field

from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
    ToolModel,
)
from services.mcp.tools.served.research.common import ANSWER_LIMIT, OPEN_WORLD
from services.mcp.tools.served.web.markup import readable
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.pages import scanned
from services.mcp.tools.served.web.site import Reply, Site, Source, segment
from services.mcp.tools.served.web.text import line, passage, unmarked

MAX_TITLE_CHARS = 255
MAX_TEXT_CHARS = 5_000
MAX_SECTIONS = 100
MAX_HTML_CHARS = 4 << 20
_NOTES = re.compile(r"\[(?:\d{1,4}|[a-z]|edit|Bearbeiten)\]")


class WikipediaArguments(ToolModel):
    """An article and one of its sections by name or number; without a section, what stands before the first one."""

    title: str = Field("", max_length=MAX_TITLE_CHARS)
    section: str = Field("", max_length=MAX_TITLE_CHARS)
    lang: str = Field("en", max_length=12, pattern=r"^[a-z]{2,3}(-[a-z]{2,8})?$")
    article: str = Field("", max_length=MAX_TITLE_CHARS, description="another name for title")


class WikipediaResult(ToolModel):
    """The section's text, and which other ones there are."""

    title: str
    section: str = Field(description="empty for what stands before the first section")
    text: str
    cut: bool = Field(description="whether the section is longer than what is shown")
    sections: tuple[str, ...]
    revision: int
    licence: str = "CC BY-SA 4.0"
    page: str
    source: Source


class _Section(Reply):
    line: str
    number: str
    index: str


class _Parsed(Reply):
    title: str
    revid: int
    sections: tuple[_Section, ...] = ()
    text: str = ""


class _Error(Reply):
    code: str


class _Answer(Reply):
    parse: _Parsed | None = None
    error: _Error | None = None


def wikipedia_get_section(outside: Outside) -> ServedTool[WikipediaArguments, WikipediaResult]:
    async def run(arguments: WikipediaArguments, _: Caller) -> WikipediaResult:
        title = arguments.title.strip() or arguments.article.strip()
        if not title:
            raise ToolError("invalid_argument", "title: say which article")
        site = Site("Wikipedia", f"https://{arguments.lang}.wikipedia.org", outside.web)
        contents, _source = await _parsed(site, title, {"prop": "sections|revid"})
        section = _chosen(contents.sections, arguments.section)
        read, source = await _parsed(
            site, title, {"prop": "text|revid", "section": section.index if section else 0, "disableeditsection": 1}
        )
        page = await scanned(readable, read.text)
        return _shown(contents.sections, section, read, page.text, source)

    return ServedTool(
        name="wikipedia_get_section",
        group="research",
        description=_DESCRIPTION,
        keywords=_KEYWORDS,
        arguments=WikipediaArguments,
        result=WikipediaResult,
        run=run,
        answer=_phrase,
        limits=_LIMITS,
        example=_EXAMPLE,
        error_example=ErrorExample(args={"title": "", "section": "History"}, code="invalid_argument"),
        annotations=OPEN_WORLD,
        unavailable=outside.why_not,
        timeout_s=45.0,
    )


def _shown(
    sections: tuple[_Section, ...], section: _Section | None, read: _Parsed, html_text: str, source: Source
) -> WikipediaResult:
    text = passage(_NOTES.sub("", html_text), MAX_HTML_CHARS)
    site, _, _ = source.url.partition("/w/api.php")
    return WikipediaResult(
        title=unmarked(read.title, MAX_TITLE_CHARS),
        section=unmarked(section.line, MAX_TITLE_CHARS) if section else "",
        text=passage(text, MAX_TEXT_CHARS),
        cut=len(text) > MAX_TEXT_CHARS,
        sections=tuple(unmarked(one.line, MAX_TITLE_CHARS) for one in sections[:MAX_SECTIONS]),
        revision=read.revid,
        page=f"{site}/wiki/{segment(read.title.replace(' ', '_'))}",
        source=source,
    )


async def _parsed(site: Site, title: str, wanted: dict[str, str | int]) -> tuple[_Parsed, Source]:
    common: dict[str, str | int] = {
        "action": "parse",
        "format": "json",
        "formatversion": 2,
        "redirects": 1,
        "page": title,
    }
    response = await site.get("/w/api.php", {**common, **wanted}, _Answer)
    if response.reply.parse is not None:
        return response.reply.parse, response.source
    if response.reply.error is not None and response.reply.error.code in {
        "missingtitle",
        "invalidtitle",
        "pagecannotexist",
    }:
        raise ToolError("not_found", "Wikipedia has no article with this title")
    raise site.misunderstood()


def _chosen(sections: tuple[_Section, ...], wanted: str) -> _Section | None:
    """Section with a name or a number; None for the beginning."""
    wanted = wanted.strip().casefold()
    if not wanted:
        return None
    for one in sections:
        if wanted in {one.number, unmarked(one.line, MAX_TITLE_CHARS).casefold()}:
            return one
    raise ToolError("not_found", "the article has no such section; ask without a section to see which there are")


def _phrase(result: WikipediaResult, style: AnswerStyle) -> str:
    where = f"{result.title}, {result.section}" if result.section else result.title
    if not result.text:
        empty = "der Abschnitt hat keinen Text" if style.language == "de" else "the section has no text"
        return f"Wikipedia, {where}: {empty}."
    return f"Wikipedia, {where}: “{line(result.text, 600)}”."


_DESCRIPTION = Bilingual(
    en="Read a section of a Wikipedia article in any language",
    de="Einen Abschnitt eines Wikipedia-Artikels lesen, in jeder Sprache",
)
_KEYWORDS = Bilingual(
    en="wikipedia article encyclopedia section who what history biography",
    de="wikipedia artikel enzyklopädie lexikon abschnitt wer was geschichte biografie",
)
_LIMITS = (
    Limit(name="title_chars", value=MAX_TITLE_CHARS, unit="characters"),
    Limit(name="text_chars", value=MAX_TEXT_CHARS, unit="characters"),
    ANSWER_LIMIT,
)
_EXAMPLE = Example(
    args={"title": "Ada Lovelace", "section": "Childhood"},
    result={
        "title": "Ada Lovelace",
        "section": "Childhood",
        "text": (
            'Childhood\n\nLord Byron expected his child to be a "glorious boy" and was disa'
            "ppointed. The child was named after Byron's half-sister, Augusta Leigh.\n\n- b"
            "orn 1815\n\n- London"
        ),
        "cut": False,
        "sections": ["Biography", "Childhood", "Work & notes"],
        "revision": 1290410211,
        "licence": "CC BY-SA 4.0",
        "page": "https://en.wikipedia.org/wiki/Ada_Lovelace",
        "source": {
            "name": "Wikipedia",
            "url": (
                "https://en.wikipedia.org/w/api.php?action=parse&format=json&formatversion=2&"
                "redirects=1&page=Ada%20Lovelace&prop=text%7Crevid&section=2&disableeditsecti"
                "on=1"
            ),
            "retrieved_at": "2025-10-09T08:53:20Z",
        },
    },
    answer=(
        "Wikipedia, Ada Lovelace, Childhood: “Childhood Lord Byron expected his child"
        ' to be a "glorious boy" and was disappointed. The child was named after Byro'
        "n's half-sister, Augusta Leigh. - born 1815 - London”."
    ),
)
