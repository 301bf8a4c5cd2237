"""The tools that read German federal law, from the mirror alone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from libs.core.text import capped
from services.mcp.contract import Bilingual, Caller, ErrorExample, Limit, ServedTool, ToolError, ToolModel
from services.mcp.tools.served.legal import answer
from services.mcp.tools.served.legal.examples import FULLTEXT, OVERVIEW, PARAGRAPH, SEARCH
from services.mcp.tools.served.legal.fulltext import Hit, hits_in
from services.mcp.tools.served.legal.law import Law
from services.mcp.tools.served.legal.mirror import Mirror
from services.mcp.tools.served.legal.models import (
    MAX_ENTRIES,
    MAX_HITS,
    MAX_LAWS,
    MAX_TEXT_CHARS,
    FoundIn,
    FoundLaw,
    FulltextHit,
    FulltextSearchArguments,
    FulltextSearchResult,
    LawOverviewArguments,
    LawOverviewResult,
    OverviewEntry,
    ParagraphArguments,
    ParagraphResult,
    SearchLawsArguments,
    SearchLawsResult,
)
from services.mcp.tools.served.legal.names import Listed, find_norm, words_of
from services.mcp.tools.served.legal.settings import PORTAL

ArgumentsT = TypeVar("ArgumentsT", bound=ToolModel)
ResultT = TypeVar("ResultT", bound=ToolModel)
_TIMEOUT_S = 60.0  # the first call may make the index


def search_laws(mirror: Mirror | None, unavailable: str | None) -> ServedTool[SearchLawsArguments, SearchLawsResult]:
    def work(mirror: Mirror, arguments: SearchLawsArguments) -> SearchLawsResult:
        found = mirror.search(arguments.query)
        laws = tuple(_found(law) for law in found[: arguments.max_results])
        return SearchLawsResult(laws=laws, total=len(found), laws_in_mirror=len(mirror.index()))

    return ServedTool(
        name="legal_search_laws",
        description=Bilingual(
            en="Find German federal laws by abbreviation or words of their title",
            de="Bundesgesetze nach Abkürzung oder Wörtern des Titels finden",
        ),
        keywords=Bilingual(
            en="german law statute act search find federal legislation gesetz",
            de="gesetz gesetze suchen finden bundesrecht verordnung recht abkürzung",
        ),
        group="legal",
        arguments=SearchLawsArguments,
        result=SearchLawsResult,
        run=_run(mirror, unavailable, work),
        answer=answer.of_laws,
        limits=(Limit(name="laws", value=MAX_LAWS, unit="laws"),),
        example=SEARCH,
        error_example=ErrorExample(args={"query": ""}, code="invalid_argument"),
        unavailable=unavailable,
        timeout_s=_TIMEOUT_S,
    )


def law_overview(mirror: Mirror | None, unavailable: str | None) -> ServedTool[LawOverviewArguments, LawOverviewResult]:
    def work(mirror: Mirror, arguments: LawOverviewArguments) -> LawOverviewResult:
        listed, law = mirror.law(arguments.law)
        shown = law.norms[: arguments.max_entries]
        entries = tuple(OverviewEntry(designation=n.designation, title=n.title, section=n.section) for n in shown)
        return LawOverviewResult(**_source(listed, law).model_dump(), entries=entries, total=len(law.norms))

    return ServedTool(
        name="legal_get_law_overview",
        description=Bilingual(
            en="Paragraphs of a German federal law by their headings",
            de="Die Paragraphen eines Bundesgesetzes mit ihren Überschriften",
        ),
        keywords=Bilingual(
            en="german law overview table of contents sections paragraphs headings",
            de="gesetz übersicht inhaltsverzeichnis gliederung paragraphen überschriften",
        ),
        group="legal",
        arguments=LawOverviewArguments,
        result=LawOverviewResult,
        run=_run(mirror, unavailable, work),
        answer=answer.of_overview,
        limits=(Limit(name="entries", value=MAX_ENTRIES, unit="entries"),),
        example=OVERVIEW,
        error_example=ErrorExample(args={"law": "BGB", "max_entries": 0}, code="invalid_argument"),
        unavailable=unavailable,
        timeout_s=_TIMEOUT_S,
    )


def paragraph(mirror: Mirror | None, unavailable: str | None) -> ServedTool[ParagraphArguments, ParagraphResult]:
    def work(mirror: Mirror, arguments: ParagraphArguments) -> ParagraphResult:
        listed, law = mirror.law(arguments.law)
        norm = find_norm(law.norms, arguments.paragraph)
        if norm is None:
            raise ToolError("not_found", f"paragraph: {capped(listed.abbreviation, 40)} has none of that number")
        return ParagraphResult(
            **_source(listed, law).model_dump(),
            designation=norm.designation,
            heading=norm.title,
            section=norm.section,
            text=capped(norm.text, MAX_TEXT_CHARS),
            total_chars=len(norm.text),
            truncated=len(norm.text) > MAX_TEXT_CHARS,
        )

    return ServedTool(
        name="legal_get_paragraph",
        description=Bilingual(
            en="The text of a paragraph or article of a German federal law, with source and date",
            de="Der Wortlaut eines Paragraphen oder Artikels eines Bundesgesetzes, mit Quelle und Stand",
        ),
        keywords=Bilingual(
            en="german law paragraph section article text wording bgb stgb gg",
            de="gesetz paragraph artikel wortlaut text absatz bgb stgb gg § was steht in",
        ),
        group="legal",
        arguments=ParagraphArguments,
        result=ParagraphResult,
        run=_run(mirror, unavailable, work),
        answer=answer.of_paragraph,
        limits=(Limit(name="text_chars", value=MAX_TEXT_CHARS, unit="characters"),),
        example=PARAGRAPH,
        error_example=ErrorExample(args={"law": "BGB", "paragraph": ""}, code="invalid_argument"),
        unavailable=unavailable,
        timeout_s=_TIMEOUT_S,
    )


def fulltext_search(
    mirror: Mirror | None, unavailable: str | None
) -> ServedTool[FulltextSearchArguments, FulltextSearchResult]:
    def work(mirror: Mirror, arguments: FulltextSearchArguments) -> FulltextSearchResult:
        words = words_of(arguments.query)
        if not words:
            raise ToolError("invalid_argument", "query: give at least one word")
        listed, law = mirror.law(arguments.law)
        found = hits_in(law.norms, words)
        hits = tuple(_hit(hit) for hit in found[: arguments.max_results])
        return FulltextSearchResult(**_source(listed, law).model_dump(), hits=hits, total=len(found))

    return ServedTool(
        name="legal_fulltext_search",
        description=Bilingual(
            en="Find words in the paragraphs of a German federal law",
            de="Wörter in den Paragraphen eines Gesetzes finden",
        ),
        keywords=Bilingual(
            en="german law full text search words paragraphs find within",
            de="gesetz volltext suche wörter paragraphen finden stichwort",
        ),
        group="legal",
        arguments=FulltextSearchArguments,
        result=FulltextSearchResult,
        run=_run(mirror, unavailable, work),
        answer=answer.of_hits,
        limits=(Limit(name="hits", value=MAX_HITS, unit="paragraphs"),),
        example=FULLTEXT,
        error_example=ErrorExample(args={"law": "BGB", "query": "§§"}, code="invalid_argument"),
        unavailable=unavailable,
        timeout_s=_TIMEOUT_S,
    )


def _run(
    mirror: Mirror | None, unavailable: str | None, work: Callable[[Mirror, ArgumentsT], ResultT]
) -> Callable[[ArgumentsT, Caller], Awaitable[ResultT]]:
    """Run a call in a thread, because it reads files."""

    async def run(arguments: ArgumentsT, _: Caller) -> ResultT:
        if mirror is None:
            raise ToolError("unavailable", unavailable or "")
        return await asyncio.to_thread(work, mirror, arguments)

    return run


def _hit(hit: Hit) -> FulltextHit:
    norm = hit.norm
    return FulltextHit(
        designation=norm.designation, heading=norm.title, context=hit.context, occurrences=hit.occurrences
    )


def _found(law: Listed) -> FoundLaw:
    return FoundLaw(abbreviation=law.abbreviation, title=law.title, url=f"{PORTAL}/{law.folder}/")


def _source(listed: Listed, law: Law) -> FoundIn:
    return FoundIn(**_found(listed).model_dump(), as_of=law.names.as_of, mirrored=law.names.built)
