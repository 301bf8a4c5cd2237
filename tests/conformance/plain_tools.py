"""Fixture tools that return at once, or report progress."""

import asyncio

from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolRequestParams,
    CallToolResult,
    ClientCapabilities,
    SamplingCapability,
)

from tests.conformance.pieces import Context, FixtureTool, Outcome, Schema, document, image, said, sound, text

PAUSE_S = 0.05
SCHEMA_2020_12: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
BY_HEADER: Schema = {
    "type": "object",
    "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
    "required": ["region"],
}


async def _text(_: Context, __: CallToolRequestParams) -> Outcome:
    return said("This is a simple text response for testing.")


async def _image(_: Context, __: CallToolRequestParams) -> Outcome:
    return CallToolResult(content=[image()])


async def _sound(_: Context, __: CallToolRequestParams) -> Outcome:
    return CallToolResult(content=[sound()])


async def _document(_: Context, __: CallToolRequestParams) -> Outcome:
    return CallToolResult(content=[document("test://embedded-resource", "This is an embedded resource content.")])


async def _mixed(_: Context, __: CallToolRequestParams) -> Outcome:
    kept = document("test://mixed-content-resource", '{"test":"data","value":123}', "application/json")
    return CallToolResult(content=[text("Multiple content types test:"), image(), kept])


async def _error(_: Context, __: CallToolRequestParams) -> Outcome:
    words = "This tool intentionally returns an error for testing"
    return CallToolResult(content=[text(words)], is_error=True)


async def _logging(context: Context, _: CallToolRequestParams) -> Outcome:
    for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await context.session.send_log_message("info", line, related_request_id=context.request_id)
        await asyncio.sleep(PAUSE_S)
    return said("Three lines were logged.")


async def _progress(context: Context, _: CallToolRequestParams) -> Outcome:
    for done in (0, 50, 100):
        await context.session.report_progress(done, 100)
        await asyncio.sleep(PAUSE_S)
    return said("Done.")


async def _headers(_: Context, params: CallToolRequestParams) -> Outcome:
    return said(f"Region: {(params.arguments or {}).get('region')}")


async def _needs_sampling(context: Context, _: CallToolRequestParams) -> Outcome:
    needed = ClientCapabilities(sampling=SamplingCapability())
    if context.session.check_client_capability(needed):
        return said("The client can be asked for a completion.")
    raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "sampling is needed", {"requiredCapabilities": {"sampling": {}}})


PLAIN_TOOLS = (
    FixtureTool("test_simple_text", _text),
    FixtureTool("test_image_content", _image),
    FixtureTool("test_audio_content", _sound),
    FixtureTool("test_embedded_resource", _document),
    FixtureTool("test_multiple_content_types", _mixed),
    FixtureTool("test_error_handling", _error),
    FixtureTool("test_tool_with_logging", _logging),
    FixtureTool("test_logging_tool", _logging),
    FixtureTool("test_tool_with_progress", _progress),
    FixtureTool("json_schema_2020_12_tool", _text, SCHEMA_2020_12),
    FixtureTool("test_region_by_header", _headers, BY_HEADER),
    FixtureTool("test_missing_capability", _needs_sampling),
)
