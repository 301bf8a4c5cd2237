"""Arguments and results of the tools that read German federal law."""

from pydantic import Field

from services.mcp.contract import ToolModel

MAX_LAW_CHARS = 200
MAX_QUERY_CHARS = 200
MAX_PARAGRAPH_CHARS = 40
MAX_TEXT_CHARS = 2200
MAX_LAWS = 50
MAX_ENTRIES = 500
MAX_HITS = 20

SOURCE = "www.gesetze-im-internet.de (Bundesministerium der Justiz, Bundesamt für Justiz), local mirror"
SEARCH_RULE = "every word of the query stands in the text; upper and lower case and umlauts written out are alike"


class SearchLawsArguments(ToolModel):
    """Words of a title, or an abbreviation."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARS)
    max_results: int = Field(10, ge=1, le=MAX_LAWS)


class LawOverviewArguments(ToolModel):
    """A law, by its abbreviation (`BGB`) or whole title."""

    law: str = Field(min_length=1, max_length=MAX_LAW_CHARS)
    max_entries: int = Field(50, ge=1, le=MAX_ENTRIES)


class ParagraphArguments(ToolModel):
    """A law and one of its paragraphs or articles: `242`, `§ 242`, `Art. 1`, `Anlage 2`."""

    law: str = Field(min_length=1, max_length=MAX_LAW_CHARS)
    paragraph: str = Field(min_length=1, max_length=MAX_PARAGRAPH_CHARS)


class FulltextSearchArguments(ToolModel):
    """A law and words to find in it."""

    law: str = Field(min_length=1, max_length=MAX_LAW_CHARS)
    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARS)
    max_results: int = Field(5, ge=1, le=MAX_HITS)


class FoundLaw(ToolModel):
    """A law."""

    abbreviation: str
    title: str
    url: str


class SearchLawsResult(ToolModel):
    """The likeliest laws first; `total` counts those that were not returned too."""

    laws: tuple[FoundLaw, ...]
    total: int
    laws_in_mirror: int
    source: str = SOURCE


class FoundIn(FoundLaw):
    """A law whose text was read. `as_of` is the portal's note on its state, `mirrored` the day of its file."""

    as_of: str
    mirrored: str
    source: str = SOURCE


class OverviewEntry(ToolModel):
    """A paragraph or article by its heading."""

    designation: str
    title: str
    section: str


class LawOverviewResult(FoundIn):
    """What a law consists of."""

    entries: tuple[OverviewEntry, ...]
    total: int


class ParagraphResult(FoundIn):
    """The text of a norm, cut at 2,200 characters if it is longer."""

    designation: str
    heading: str
    section: str
    text: str
    total_chars: int
    truncated: bool


class FulltextHit(ToolModel):
    """A norm with the words, and what stands around the first of them."""

    designation: str
    heading: str
    context: str
    occurrences: int


class FulltextSearchResult(FoundIn):
    """The norms with most of the words first; `total` counts those that were not returned too."""

    hits: tuple[FulltextHit, ...]
    total: int
    rule: str = SEARCH_RULE
