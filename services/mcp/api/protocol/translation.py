"""Our tools and their results in the protocol's words."""

from mcp_types import CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic_core import to_json

from services.mcp.contract import Annotations, ToolDescription, ToolError, ToolResult

META = "sovereign-fleet/"  # keys of `_meta` that are our own


def tool_of(described: ToolDescription) -> Tool:
    """Return a tool as clients list it."""
    return Tool(
        name=described.name,
        description=described.description.en,
        input_schema=described.input_schema,
        output_schema=described.output_schema,
        annotations=_annotations(described.annotations),
        _meta={f"{META}group": described.group, f"{META}description-de": described.description.de},
    )


def result_of(result: ToolResult) -> CallToolResult:
    """Return a finished call: the sentence, the result as text for clients that read nothing else, and the result."""
    texts = (result.answer, to_json(result.result).decode())
    return CallToolResult(content=[_text(text) for text in texts], structured_content=result.result)


def refusal_of(error: ToolError) -> CallToolResult:
    """Return a refusal, for the model to read. Programs find the code in `_meta`: a result that is an error has no
    structured content, as some clients would hold it against the tool's schema."""
    return CallToolResult(
        content=[_text(f"{error.code}: {error}")],
        is_error=True,
        _meta={f"{META}error": {"code": error.code, "message": str(error)}},
    )


def _annotations(described: Annotations) -> ToolAnnotations:
    return ToolAnnotations(
        read_only_hint=described.read_only,
        destructive_hint=described.destructive,
        idempotent_hint=described.idempotent,
        open_world_hint=described.open_world,
    )


def _text(text: str) -> TextContent:
    return TextContent(text=text)
