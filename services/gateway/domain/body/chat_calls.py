"""Tool calls and tool choices of a chat as model servers get them: documented fields, of their documented types."""

from collections.abc import Mapping
from typing import TypeAlias

import orjson

from libs.core.json_values import is_object
from services.gateway.domain.body.chat_tools import check_texts, known_fields
from services.gateway.domain.errors import RequestRefused, invalid

Fields: TypeAlias = Mapping[str, object]

# Servers add `extra_content` to their calls and require it back (Gemini's thought signatures).
_CALL = frozenset({"id", "type", "function", "custom", "extra_content"})
_CALLED: Mapping[str, frozenset[str]] = {
    "function": frozenset({"name", "arguments"}),
    "custom": frozenset({"name", "input"}),
}
_CHOICE = frozenset({"type", "function", "custom", "allowed_tools"})
_NAME = frozenset({"name"})


def passed_calls(calls: object, where: str) -> object:
    """Filter the `tool_calls` of a message. Raises RequestRefused (400) with the name of the field."""
    if not isinstance(calls, list):
        return calls
    return [_call(call, f"{where}[{index}]") for index, call in enumerate(calls)]


def passed_function_call(call: object, where: str) -> object:
    """Filter the `function_call` of a message, or of the body, where it may be a word. Raises RequestRefused (400)."""
    if call is None or isinstance(call, str):
        return call
    return _called(call, "function", where)


def passed_choice(choice: object, where: str = "tool_choice") -> object:
    """Filter a `tool_choice`. Raises RequestRefused (400) with the name of the field."""
    if choice is None or isinstance(choice, str):
        return choice
    fields = known_fields(choice, _CHOICE, where)
    kind = fields.get("type")
    if kind == "allowed_tools":
        return {"type": kind, "allowed_tools": _allowed_tools(fields.get(kind), f"{where}.{kind}")}
    if isinstance(kind, str) and kind in _CALLED:
        named = known_fields(fields.get(kind), _NAME, f"{where}.{kind}")
        return {"type": kind, kind: check_texts(named, ("name",), f"{where}.{kind}")}
    raise _unknown_kind(where)


def _call(call: object, where: str) -> dict[str, object]:
    fields = check_texts(known_fields(call, _CALL, where), ("id",), where)
    kind = fields.get("type") or "function"
    if not isinstance(kind, str) or kind not in _CALLED:
        raise _unknown_kind(where)
    called = _called(fields.get(kind), kind, f"{where}.{kind}")
    return {name: value for name, value in fields.items() if name not in _CALLED} | {kind: called}


def _called(value: object, kind: str, where: str) -> dict[str, object]:
    """Some clients send the object of arguments itself, and servers expect its text."""
    fields = known_fields(value, _CALLED[kind], where)
    if is_object(arguments := fields.get("arguments")):
        fields = {**fields, "arguments": orjson.dumps(arguments).decode()}
    return check_texts(fields, _CALLED[kind], where)


def _allowed_tools(allowed: object, where: str) -> dict[str, object]:
    fields = known_fields(allowed, frozenset({"mode", "tools"}), where)
    tools = fields.get("tools")
    chosen = [passed_choice(tool, f"{where}.tools") for tool in tools] if isinstance(tools, list) else []
    return {**check_texts(fields, ("mode",), where), "tools": chosen}


def _unknown_kind(where: str) -> RequestRefused:
    message = f"`{where}.type`: only functions of the client can be called."
    return invalid(message, param=f"{where}.type", code="unsupported_parameter")
