"""`text_diff`: the fewest lines to delete and insert, in the unified format."""

from fractions import Fraction

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.text.text_diff.myers import MAX_EDITS, unchanged
from services.mcp.tools.pure.text.text_diff.unified import Texts, changes, lines_of, unified

MAX_CHARS = 30_000
MAX_LINES = 2_000
MAX_CONTEXT = 100
RULE = "fewest inserted and deleted lines (Myers 1986); lines end at LF alone and are compared exactly"


class DiffArguments(ToolModel):
    """Two texts and the number of unchanged lines around each change."""

    old: str = Field(max_length=MAX_CHARS)
    new: str = Field(max_length=MAX_CHARS)
    context: int = Field(3, ge=0, le=MAX_CONTEXT)


class DiffResult(ToolModel):
    """The difference. `similarity` is twice the unchanged lines by all lines of both texts."""

    identical: bool
    unified: str = Field(description="`diff -u` format; empty if the texts are identical")
    added: int
    removed: int
    unchanged: int
    hunks: int
    similarity: str = Field(description="Exact, as a fraction")
    similarity_percent: str = Field(description="Two decimals, half to even")
    rule: str = RULE


def text_diff(arguments: DiffArguments) -> DiffResult:
    """Raises ToolError for too many lines or too many moved lines."""
    texts = Texts(lines_of(arguments.old), lines_of(arguments.new))
    for name, lines in (("old", texts.old), ("new", texts.new)):
        if len(lines) > MAX_LINES:
            raise ToolError("limit_exceeded", f"{name}: the limit is {MAX_LINES} lines")
    same = unchanged(texts.old, texts.new)
    text, hunks = unified(changes(same, texts), texts, arguments.context)
    total = len(texts.old) + len(texts.new)
    similarity = Fraction(2 * len(same), total) if total else Fraction(1)
    hundredths = round(similarity * 10_000)
    return DiffResult(
        identical=not hunks,
        unified=text,
        added=len(texts.new) - len(same),
        removed=len(texts.old) - len(same),
        unchanged=len(same),
        hunks=hunks,
        similarity=str(similarity),
        similarity_percent=f"{hundredths // 100}.{hundredths % 100:02d}",
    )


def phrase(result: DiffResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if result.identical:
        return "Die Texte sind gleich." if german else "The texts are identical."
    one, removed, same = result.added == 1, result.removed, result.unchanged
    if german:
        lines, percent = "Zeile" if one else "Zeilen", result.similarity_percent.replace(".", ",")
        return f"{result.added} {lines} neu, {removed} entfernt, {same} gleich ({percent} % ähnlich)."
    lines, percent = "line" if one else "lines", result.similarity_percent
    return f"{result.added} {lines} added, {removed} removed, {same} unchanged ({percent} % similar)."


TEXT_DIFF = Tool(
    name="text_diff",
    description=Bilingual(
        en="Line difference of two texts in unified format, with counts",
        de="Zeilenunterschied zweier Texte im Unified-Format, mit Anzahlen",
    ),
    keywords=Bilingual(
        en="diff difference compare texts changes lines unified patch",
        de="diff unterschied vergleichen texte änderungen zeilen patch",
    ),
    arguments=DiffArguments,
    result=DiffResult,
    run=text_diff,
    answer=phrase,
    limits=(
        Limit(name="text_chars", value=MAX_CHARS, unit="characters of either text"),
        Limit(name="lines", value=MAX_LINES, unit="lines of either text"),
        Limit(name="edits", value=MAX_EDITS, unit="moves of lines that both texts have"),
        Limit(name="context", value=MAX_CONTEXT, unit="lines"),
    ),
    example=Example(
        args={"old": "one\ntwo\nthree\n", "new": "one\n2\nthree\nfour\n", "context": 1},
        result={
            "identical": False,
            "unified": "--- old\n+++ new\n@@ -1,3 +1,4 @@\n one\n-two\n+2\n three\n+four\n",
            "added": 2,
            "removed": 1,
            "unchanged": 2,
            "hunks": 1,
            "similarity": "4/7",
            "similarity_percent": "57.14",
            "rule": RULE,
        },
        answer="2 lines added, 1 removed, 2 unchanged (57.14 % similar).",
    ),
    error_example=ErrorExample(args={"old": "a", "new": "b", "context": -1}, code="invalid_argument"),
)
