"""`search_context`: passages of a long conversation that were indexed."""

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
from services.mcp.tools.served.graph.absent import NO_INDEX
from services.mcp.tools.served.web.text import line

MAX_QUERY_CHARS = 2_000
MAX_RESULTS = 50


class SearchContextArguments(ToolModel):
    """Words, and the session whose context is searched."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARS, pattern=r"\S")
    session_id: str = Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+$")
    n_results: int = Field(8, ge=1, le=MAX_RESULTS)


class SearchContextResult(ToolModel):
    """Passages, nearest first."""

    passages: tuple[str, ...]


def search_context() -> ServedTool[SearchContextArguments, SearchContextResult]:
    """The tool is unavailable."""

    async def run(_arguments: SearchContextArguments, _: Caller) -> SearchContextResult:
        raise ToolError("unavailable", NO_INDEX)

    return ServedTool(
        name="search_context",
        group="data",
        description=Bilingual(
            en="Find passages of a long conversation", de="Stellen eines langen Gesprächs wiederfinden"
        ),
        keywords=Bilingual(
            en="context conversation earlier passages memory session", de="kontext gespräch früher stellen gedächtnis"
        ),
        arguments=SearchContextArguments,
        result=SearchContextResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="query_chars", value=MAX_QUERY_CHARS, unit="characters"),
            Limit(name="passages", value=MAX_RESULTS, unit="passages"),
        ),
        example=Example(
            args={"query": "the deadline", "session_id": "s-1"},
            result={"passages": ["The deadline is in May."]},
            answer="Found: “The deadline is in May.”.",
        ),
        error_example=ErrorExample(args={"query": "x", "session_id": "a b"}, code="invalid_argument"),
        unavailable=NO_INDEX,
    )


def _phrase(result: SearchContextResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if not result.passages:
        return "Dazu steht nichts im Kontext." if german else "The context has nothing on that."
    return f"{'Gefunden' if german else 'Found'}: “{line(result.passages[0], 600)}”."
