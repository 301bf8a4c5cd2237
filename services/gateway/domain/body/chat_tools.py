"""Tools and formats of a chat as model servers get them: functions of the client, with local schemas."""

from collections.abc import Mapping
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


def passed_tools(raw: Fields) -> dict[str, object]:
    """Filter `tools`, `functions` and `response_format` of a chat body for model servers.

    Some servers run tools of other types by themselves (`mcp` with an address, a web search), and some fetch the
    schemas that a `$ref` names. Raises RequestRefused (400) with the name of the field.
    """
    passed: dict[str, object] = {}
    if isinstance(tools := raw.get("tools"), list):
        passed["tools"] = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools)]
    if isinstance(functions := raw.get("functions"), list):
        passed["functions"] = [_known(each, _FUNCTION, f"functions[{at}]") for at, each in enumerate(functions)]
    if raw.get("response_format") is not None:
        passed["response_format"] = _format(raw["response_format"])
    for name, value in passed.items():
        _check_schemas(value, name)
    return passed


def _tool(tool: object, where: str) -> dict[str, object]:
    fields = _known(tool, _TOOL, where)
    kind = fields.get("type", "function")
    if kind == "function":
        return {"type": "function", "function": _known(fields.get("function"), _FUNCTION, f"{where}.function")}
    if kind == "custom":
        return {"type": "custom", "custom": _known(fields.get("custom"), _CUSTOM, f"{where}.custom")}
    raise invalid(
        f"`{where}.type`: only functions of the client can be called.",
        param=f"{where}.type",
        code="unsupported_parameter",
    )


def _format(wanted: object) -> dict[str, object]:
    fields = _known(wanted, frozenset({"type", "json_schema"}), "response_format")
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in _FORMATS:
        raise _refused("The type must be text, json_object or json_schema", "response_format.type")
    if kind != "json_schema":
        return {"type": kind}
    return {"type": kind, "json_schema": _known(fields.get("json_schema"), _SCHEMA, "response_format.json_schema")}


def _known(value: object, names: frozenset[str], where: str) -> dict[str, object]:
    if not is_object(value):
        raise _refused("An object is expected", where)
    return value if value.keys() <= names else {name: each for name, each in value.items() if name in names}


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
