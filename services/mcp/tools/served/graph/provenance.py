"""`graph_provenance`: sources of the knowledge about an entity."""

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

MAX_NAME_CHARS = 300


class GraphProvenanceArguments(ToolModel):
    """The name of an entity."""

    entity_name: str = Field(min_length=1, max_length=MAX_NAME_CHARS, pattern=r"\S")


class SourcedRelation(ToolModel):
    """One relation, who said it, and how sure that is, 0 to 1."""

    subject: str
    predicate: str
    object: str
    said_by: str
    confidence: float


class GraphProvenanceResult(ToolModel):
    """The relations of the entity, the surest first."""

    entity: str
    relations: tuple[SourcedRelation, ...]


def graph_provenance() -> ServedTool[GraphProvenanceArguments, GraphProvenanceResult]:
    """The tool is unavailable."""

    async def run(_arguments: GraphProvenanceArguments, _: Caller) -> GraphProvenanceResult:
        raise ToolError("unavailable", NO_GRAPH)

    return ServedTool(
        name="graph_provenance",
        group="data",
        description=Bilingual(
            en="Where the graph's knowledge about an entity comes from",
            de="Woher das Wissen des Graphen über eine Sache stammt",
        ),
        keywords=Bilingual(
            en="knowledge graph provenance source origin evidence entity",
            de="wissensgraph herkunft quelle beleg ursprung",
        ),
        arguments=GraphProvenanceArguments,
        result=GraphProvenanceResult,
        run=run,
        answer=_phrase,
        limits=(Limit(name="entity_name_chars", value=MAX_NAME_CHARS, unit="characters"),),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"entity_name": " "}, code="invalid_argument"),
        unavailable=NO_GRAPH,
    )


def _phrase(result: GraphProvenanceResult, style: AnswerStyle) -> str:
    relations = [f"{one.subject} {one.predicate} {one.object} ({one.said_by})" for one in result.relations[:3]]
    if style.language == "de":
        return f"{result.entity}: {'; '.join(relations) or 'dazu steht nichts im Graphen'}."
    return f"{result.entity}: {'; '.join(relations) or 'the graph has nothing on it'}."


_EXAMPLE = Example(
    args={"entity_name": "aspirin"},
    result={
        "entity": "aspirin",
        "relations": [
            {
                "subject": "aspirin",
                "predicate": "treats",
                "object": "headache",
                "said_by": "external",
                "confidence": 0.7,
            }
        ],
    },
    answer="aspirin: aspirin treats headache (external).",
)
