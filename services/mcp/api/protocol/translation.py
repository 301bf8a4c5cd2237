"""Converts tools and results to the protocol's types."""

from mcp_types import CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic_core import to_json

from services.mcp.contract import Annotations, ToolDescription, ToolError, ToolResult

META = "sovereign-fleet/"  # prefix of our own keys in `_meta`


def tool_of(described: ToolDescription) -> Tool:
    return Tool(
        name=described.name,
        description=described.description.en,
        input_schema=described.input_schema,
        output_schema=described.output_schema,
        annotations=_annotations(described.annotations),
        _meta={f"{META}group": described.group, f"{META}description-de": described.description.de},
    )


def result_of(result: ToolResult) -> CallToolResult:
    """Content holds the sentence and the result as text, for clients that ignore the structured result."""
    texts = (result.answer, to_json(result.result).decode())
    return CallToolResult(content=[_text(text) for text in texts], structured_content=result.result)


def refusal_of(error: ToolError) -> CallToolResult:
    """A refusal as text for the model, with the code for programs in `_meta`.

    It has no structured content: some clients would validate that against the tool's schema.
    """
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
