"""`mission_context_get`: the document that accompanies every question, once the fleet stores one."""

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
from services.mcp.tools.served.web.text import line

NO_DOCUMENT = "the fleet keeps no mission document yet"
MAX_DOCUMENT_CHARS = 20_000


class MissionContextArguments(ToolModel):
    """Nothing."""


class MissionContextResult(ToolModel):
    """The document as it is kept."""

    document: str
    updated_at: str


def mission_context_get() -> ServedTool[MissionContextArguments, MissionContextResult]:
    """The tool is unavailable."""

    async def run(_arguments: MissionContextArguments, _: Caller) -> MissionContextResult:
        raise ToolError("unavailable", NO_DOCUMENT)

    return ServedTool(
        name="mission_context_get",
        group="data",
        description=Bilingual(en="The mission that the fleet works for", de="Der Auftrag, für den die Flotte arbeitet"),
        keywords=Bilingual(en="mission context goal document", de="mission auftrag kontext ziel dokument"),
        arguments=MissionContextArguments,
        result=MissionContextResult,
        run=run,
        answer=_phrase,
        limits=(Limit(name="document_chars", value=MAX_DOCUMENT_CHARS, unit="characters"),),
        example=Example(
            args={},
            result={"document": "Keep the archive readable.", "updated_at": "2026-05-01T10:00:00Z"},
            answer="The mission: “Keep the archive readable.”.",
        ),
        error_example=ErrorExample(args={"document": "x"}, code="invalid_argument"),
        unavailable=NO_DOCUMENT,
    )


def _phrase(result: MissionContextResult, style: AnswerStyle) -> str:
    return f"{'Der Auftrag' if style.language == 'de' else 'The mission'}: “{line(result.document, 600)}”."
