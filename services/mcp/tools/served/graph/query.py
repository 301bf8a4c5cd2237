"""`graph_query`: query the knowledge graph."""

from typing import Annotated

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
from services.mcp.tools.served.graph.absent import NO_GRAPH

MAX_QUERY_CHARS = 2_000
MAX_CATEGORIES = 20
Category = Annotated[str, Field(min_length=1, max_length=60)]


class GraphQueryArguments(ToolModel):
    """A question, and the categories that knowledge may be of; null for all."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARS, pattern=r"\S")
    categories: list[Category] | None = Field(None, max_length=MAX_CATEGORIES)


class GraphQueryResult(ToolModel):
    """Relations as sentences, best first."""

    facts: tuple[str, ...]


def graph_query() -> ServedTool[GraphQueryArguments, GraphQueryResult]:
    """The tool is unavailable."""

    async def run(_arguments: GraphQueryArguments, _: Caller) -> GraphQueryResult:
        raise ToolError("unavailable", NO_GRAPH)

    return ServedTool(
        name="graph_query",
        group="data",
        description=Bilingual(en="Ask the fleet's knowledge graph", de="Den Wissensgraphen der Flotte befragen"),
        keywords=Bilingual(
            en="knowledge graph facts relations known entities", de="wissensgraph fakten beziehungen bekannt wissen"
        ),
        arguments=GraphQueryArguments,
        result=GraphQueryResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="query_chars", value=MAX_QUERY_CHARS, unit="characters"),
            Limit(name="categories", value=MAX_CATEGORIES, unit="categories"),
        ),
        example=Example(
            args={"query": "What treats a headache?", "categories": ["medical"]},
            result={"facts": ["aspirin treats headache"]},
            answer="The graph says: aspirin treats headache.",
        ),
        error_example=ErrorExample(args={"query": ""}, code="invalid_argument"),
        unavailable=NO_GRAPH,
    )


def _phrase(result: GraphQueryResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if not result.facts:
        return "Der Graph sagt dazu nichts." if german else "The graph says nothing about that."
    return f"{'Der Graph sagt' if german else 'The graph says'}: {'; '.join(result.facts[:3])}."
