"""Tools, formats and calls of a chat as model servers get them: functions of the client, with local schemas."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import orjson

from libs.core.json_values import is_object
from services.gateway.domain.errors import RequestRefused, invalid

Fields: TypeAlias = Mapping[str, object]

_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})

_TOOL = frozenset({"type", "function", "custom"})

_FUNCTION = frozenset({"name", "description", "parameters", "strict"})

_CUSTOM = frozenset({"name", "description", "format"})

_SCHEMA = frozenset({"name", "description", "schema", "strict"})

_FORMATS = frozenset({"text", "json_object", "json_schema"})

_INPUT = frozenset({"type", "grammar"})

_GRAMMAR = frozenset({"syntax", "definition"})

_NAMING = ("name", "description")


def passed_tools(raw: Fields) -> dict[str, object]:
    """Filter `tools`, `functions` and `response_format` of a chat body for model servers.

    Some servers run tools of other types by themselves (`mcp` with an address, a web search), and some fetch the
    schemas that a `$ref` names. Raises RequestRefused (400) with the name of the field.
    """
    passed: dict[str, object] = {}
    if isinstance(tools := raw.get("tools"), list):
        passed["tools"] = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools)]
    if isinstance(functions := raw.get("functions"), list):
        passed["functions"] = [_function(each, f"functions[{at}]") for at, each in enumerate(functions)]
    if raw.get("response_format") is not None:
        passed["response_format"] = _format(raw["response_format"])
    for name, value in passed.items():
        _check_schemas(value, name)
    return passed


def _tool(tool: object, where: str) -> dict[str, object]:
    fields = known_fields(tool, _TOOL, where)
    kind = fields.get("type", "function")
    if kind == "function":
        return {"type": "function", "function": _function(fields.get("function"), f"{where}.function")}
    if kind == "custom":
        return {"type": "custom", "custom": _custom(fields.get("custom"), f"{where}.custom")}
    raise invalid(
        f"`{where}.type`: only functions of the client can be called.",
        param=f"{where}.type",
        code="unsupported_parameter",
    )


def _function(function: object, where: str) -> dict[str, object]:
    return check_texts(known_fields(function, _FUNCTION, where), _NAMING, where)


def _custom(custom: object, where: str) -> dict[str, object]:
    fields = check_texts(known_fields(custom, _CUSTOM, where), _NAMING, where)
    if fields.get("format") is None:
        return fields
    form = check_texts(known_fields(fields["format"], _INPUT, f"{where}.format"), ("type",), f"{where}.format")
    if form.get("grammar") is not None:
        inside = f"{where}.format.grammar"
        form = {**form, "grammar": check_texts(known_fields(form["grammar"], _GRAMMAR, inside), _GRAMMAR, inside)}
    return {**fields, "format": form}


def _format(wanted: object) -> dict[str, object]:
    fields = known_fields(wanted, frozenset({"type", "json_schema"}), "response_format")
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in _FORMATS:
        raise _refused("The type must be text, json_object or json_schema", "response_format.type")
    if kind != "json_schema":
        return {"type": kind}
    where = "response_format.json_schema"
    return {"type": kind, "json_schema": check_texts(known_fields(fields.get(kind), _SCHEMA, where), _NAMING, where)}


def known_fields(value: object, names: frozenset[str], where: str) -> dict[str, object]:
    """Keep these fields of an object. Raises RequestRefused (400) for any other value."""
    if not is_object(value):
        raise _refused("An object is expected", where)
    return value if value.keys() <= names else {name: each for name, each in value.items() if name in names}


def check_texts(fields: dict[str, object], names: Iterable[str], where: str) -> dict[str, object]:
    """Return the fields. Raises RequestRefused (400) if one of these names has a value other than text or null.

    A server may interpret an object in place of a name or a text as a part, and fetch its address.
    """
    for name in names:
        if not isinstance(fields.get(name), (str, type(None))):
            raise _refused("Text is expected", f"{where}.{name}")
    return fields


def _check_schemas(value: object, where: str) -> None:
    """Walk only values with a reference: the search in the JSON text costs a twentieth. All of them end in `ef`."""
    text = orjson.dumps(value)
    if b'ef":' in text and any(reference.encode() in text for reference in _REFERENCES):
        _refuse_remote_schemas(value, where)


def _refuse_remote_schemas(value: object, where: str) -> None:
    """The reader of the body bounds the depth."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            _refuse_remote_schemas(each, f"{where}[{index}]")
    elif is_object(value):
        for name, each in value.items():
            if name in _REFERENCES and isinstance(each, str) and not each.startswith("#"):
                message = f"`{where}`: a schema may refer to its own parts only (`#/…`): nothing is fetched."
                raise invalid(message, param=where, code="remote_schema_not_allowed")
            _refuse_remote_schemas(each, f"{where}.{name[:40]}")


def _refused(problem: str, where: str) -> RequestRefused:
    return invalid(f"`{where}`: {problem}.", param=where, code="invalid_value")


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
