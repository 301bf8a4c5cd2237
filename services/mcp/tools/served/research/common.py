"""What the tools of this family have in common."""

from collections.abc import Sequence

from pydantic import Field

from services.mcp.contract import Annotations, AnswerStyle, Limit

OPEN_WORLD = Annotations(read_only=True, idempotent=True, open_world=True)
MAX_QUERY_CHARS = 500
MAX_RESULTS = 20
MAX_TITLE_CHARS = 300
MAX_NAME_CHARS = 120
MAX_SNIPPET_CHARS = 1_000
MAX_AUTHORS = 10
_SAID = 3

QUERY_LIMIT = Limit(name="query_chars", value=MAX_QUERY_CHARS, unit="characters")
RESULTS_LIMIT = Limit(name="results", value=MAX_RESULTS, unit="results")
ANSWER_LIMIT = Limit(name="answer_bytes", value=4 << 20, unit="bytes from outside")


def query_field() -> str:
    text: str = Field(min_length=1, max_length=MAX_QUERY_CHARS, pattern=r"\S")
    return text


def count_field(default: int) -> int:
    """Field of the number of wanted results."""
    count: int = Field(default, ge=1, le=MAX_RESULTS)
    return count


def year_field() -> int:
    """Field of a year; 0 is none."""
    year: int = Field(0, ge=0, le=2200, description="0: any year")
    return year


def listed(style: AnswerStyle, name: str, lines: Sequence[str]) -> str:
    """One sentence with the first of some findings."""
    german = style.language == "de"
    if not lines:
        return f"{name} hat dazu nichts." if german else f"{name} has nothing on that."
    more = len(lines) - _SAID
    rest = "" if more <= 0 else f"; {'und weitere' if german else 'and'} {more}" + ("" if german else " more")
    return f"{name}: {'; '.join(lines[:_SAID])}{rest}."


def years_in(first: int, last: int) -> bool:
    """Whether two years, 0 for none, are in order."""
    return not (first and last) or first <= last
