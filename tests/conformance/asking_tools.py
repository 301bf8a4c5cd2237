"""Fixture tools of the 2025 revision: they send requests to the client during a call."""

from mcp_types import CallToolRequestParams, ElicitResult, SamplingMessage
from pydantic import JsonValue

from tests.conformance.pieces import Context, FixtureTool, Outcome, Schema, form, said, text

_USER: dict[str, Schema] = {
    "username": {"type": "string", "description": "User's response"},
    "email": {"type": "string", "description": "User's email address"},
}
_DEFAULTS: dict[str, Schema] = {
    "name": {"type": "string", "default": "John Doe"},
    "age": {"type": "integer", "default": 30},
    "score": {"type": "number", "default": 95.5},
    "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    "verified": {"type": "boolean", "default": True},
}


def _titled(what: str) -> list[JsonValue]:
    words = enumerate(("First", "Second", "Third"), 1)
    return [{"const": f"value{number}", "title": f"{word} {what}"} for number, word in words]


_ENUMS: dict[str, Schema] = {
    "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
    "titledSingle": {"type": "string", "oneOf": _titled("Option")},
    "legacyEnum": {
        "type": "string",
        "enum": ["opt1", "opt2", "opt3"],
        "enumNames": ["Option One", "Option Two", "Option Three"],
    },
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
    "titledMulti": {"type": "array", "items": {"anyOf": _titled("Choice")}},
}


async def _sample(context: Context, params: CallToolRequestParams) -> Outcome:
    prompt = str((params.arguments or {}).get("prompt", ""))
    asked = [SamplingMessage(role="user", content=text(prompt))]
    told = await context.session.create_message(asked, max_tokens=100, related_request_id=context.request_id)
    return said(f"LLM response: {getattr(told.content, 'text', '')}")


async def _elicit(context: Context, params: CallToolRequestParams) -> Outcome:
    message = str((params.arguments or {}).get("message", ""))
    return said(f"User response: {_told(await _asked(context, message, form(_USER, 'username', 'email')))}")


async def _defaults(context: Context, _: CallToolRequestParams) -> Outcome:
    return said(f"Elicitation completed: {_told(await _asked(context, 'Who are you?', form(_DEFAULTS)))}")


async def _enums(context: Context, _: CallToolRequestParams) -> Outcome:
    return said(f"Elicitation completed: {_told(await _asked(context, 'Which ones?', form(_ENUMS)))}")


async def _asked(context: Context, message: str, schema: Schema) -> ElicitResult:
    return await context.session.elicit_form(message, schema, related_request_id=context.request_id)


def _told(result: ElicitResult) -> str:
    return f"action={result.action}, content={result.content}"


ASKING_TOOLS = (
    FixtureTool("test_sampling", _sample, form({"prompt": {"type": "string"}}, "prompt")),
    FixtureTool("test_elicitation", _elicit, form({"message": {"type": "string"}}, "message")),
    FixtureTool("test_elicitation_sep1034_defaults", _defaults),
    FixtureTool("test_elicitation_sep1330_enums", _enums),
)
