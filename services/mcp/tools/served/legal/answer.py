"""What was found in laws, as one sentence."""

from libs.core.text import capped
from services.mcp.contract import AnswerStyle
from services.mcp.tools.served.legal.models import (
    FulltextSearchResult,
    LawOverviewResult,
    ParagraphResult,
    SearchLawsResult,
)

_SAID_CHARS = 700
_SHOWN = 5


def of_laws(result: SearchLawsResult, style: AnswerStyle) -> str:
    if not result.laws:
        return "Dazu ist kein Gesetz zu finden." if style.language == "de" else "No law was found for it."
    named = "; ".join(f"{law.abbreviation} ({law.title})" for law in result.laws[:_SHOWN])
    more = result.total - min(len(result.laws), _SHOWN)
    if style.language == "de":
        return f"Gefunden: {named}{f' und {more} weitere' if more else ''}."
    return f"Found: {named}{f' and {more} more' if more else ''}."


def of_overview(result: LawOverviewResult, style: AnswerStyle) -> str:
    named = ", ".join(f"{entry.designation} {entry.title}".strip() for entry in result.entries[:_SHOWN])
    more = ", …" if result.total > _SHOWN else ""
    if style.language == "de":
        return f"{result.abbreviation} hat {result.total} Einträge: {named}{more}."
    return f"{result.abbreviation} has {result.total} entries: {named}{more}."


def of_paragraph(result: ParagraphResult, style: AnswerStyle) -> str:
    heading = f" ({result.heading})" if result.heading else ""
    excerpt = capped(" ".join(result.text.split()), _SAID_CHARS)
    if not excerpt:
        excerpt = "ohne Text" if style.language == "de" else "without text"
    return f"{result.designation} {result.abbreviation}{heading}: {excerpt}"


def of_hits(result: FulltextSearchResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if not result.hits:
        nothing = "steht das nicht" if german else "does not say it"
        return f"Im {result.abbreviation} {nothing}." if german else f"{result.abbreviation} {nothing}."
    named = ", ".join(f"{hit.designation} {hit.heading}".strip() for hit in result.hits[:_SHOWN])
    more = ", …" if result.total > _SHOWN else ""
    return f"{result.abbreviation}, {result.total} {'Fundstellen' if german else 'found'}: {named}{more}."
