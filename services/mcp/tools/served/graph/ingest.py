"""`graph_ingest`: add a question and its answer to the knowledge graph."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import (
    Annotations,
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
from services.mcp.tools.served.graph.absent import NO_GRAPH

MAX_TEXT_CHARS = 20_000
MAX_NAME_CHARS = 120


class GraphIngestArguments(ToolModel):
    """A question and its answer; who gave it, and how sure that is, 0 to 1."""

    question: str = Field(min_length=1, max_length=MAX_TEXT_CHARS)
    answer: str = Field(min_length=1, max_length=MAX_TEXT_CHARS)
    domain: str = Field("general", min_length=1, max_length=MAX_NAME_CHARS)
    source_model: str = Field("external", min_length=1, max_length=MAX_NAME_CHARS)
    confidence: float = Field(0.7, ge=0, le=1)


class GraphIngestResult(ToolModel):
    """Accepted: relations are read from it later."""

    status: Literal["accepted"] = "accepted"


def graph_ingest() -> ServedTool[GraphIngestArguments, GraphIngestResult]:
    """The tool is unavailable."""

    async def run(_arguments: GraphIngestArguments, _: Caller) -> GraphIngestResult:
        raise ToolError("unavailable", NO_GRAPH)

    return ServedTool(
        name="graph_ingest",
        group="data",
        description=Bilingual(
            en="Give the knowledge graph an answer to learn from", de="Dem Wissensgraphen eine Antwort zum Lernen geben"
        ),
        keywords=Bilingual(
            en="knowledge graph learn remember ingest store fact",
            de="wissensgraph lernen merken aufnehmen speichern fakt",
        ),
        arguments=GraphIngestArguments,
        result=GraphIngestResult,
        run=run,
        answer=_phrase,
        limits=(Limit(name="text_chars", value=MAX_TEXT_CHARS, unit="characters"),),
        example=Example(
            args={"question": "What treats a headache?", "answer": "Aspirin does.", "domain": "medical"},
            result={"status": "accepted"},
            answer="The graph takes it.",
        ),
        error_example=ErrorExample(args={"question": "x", "answer": "y", "confidence": 2.0}, code="invalid_argument"),
        annotations=Annotations(read_only=False, idempotent=False),
        unavailable=NO_GRAPH,
    )


def _phrase(_: GraphIngestResult, style: AnswerStyle) -> str:
    return "Der Graph nimmt es auf." if style.language == "de" else "The graph takes it."
