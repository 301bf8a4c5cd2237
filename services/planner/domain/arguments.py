"""Arguments of a tool: the schema for a planning model, and the coercion of its output."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

Schema = Mapping[str, object]
_KEPT = ("type", "enum", "const")


def signature(schema: Schema) -> tuple[str, ...]:
    """Names of the arguments; optional ones end with a question mark."""
    required = _names(schema.get("required"))
    return tuple(name if name in required else f"{name}?" for name in _properties(schema))


def strict_schema(schema: Schema) -> dict[str, object]:
    """The schema in the form that strict servers enforce: closed, all fields required, null for omitted ones.

    Fields without a fixed form, such as a table by currency, are requested as JSON text.
    """
    return _strict_object(schema, _properties({"properties": schema.get("$defs", {})}))


def fitted(arguments: Mapping[str, JsonValue], schema: Schema) -> dict[str, JsonValue] | None:
    """The known arguments, coerced to the tool's types; None if a required one is missing."""
    shared = _properties({"properties": schema.get("$defs", {})})
    made = {
        name: _coerced(arguments[name], _types(wanted, shared))
        for name, wanted in _properties(schema).items()
        if arguments.get(name) not in (None, "")
    }
    return made if _names(schema.get("required")) <= set(made) else None


def _strict_object(schema: Schema, shared: Mapping[str, Schema]) -> dict[str, object]:
    required = _names(schema.get("required"))
    properties = {
        name: _strict(inner, shared) if name in required else _or_null(_strict(inner, shared))
        for name, inner in _properties(schema).items()
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _strict(schema: Schema, shared: Mapping[str, Schema]) -> dict[str, object]:
    resolved = _resolved(schema, shared)
    if options := _list(resolved.get("anyOf")):
        return {"anyOf": [_strict(option, shared) for option in options]}
    if resolved.get("type") == "object":
        return _strict_object(resolved, shared) if _properties(resolved) else {"type": "string"}
    made = {name: resolved[name] for name in _KEPT if name in resolved}
    if isinstance(items := resolved.get("items"), Mapping):
        made["items"] = _strict(items, shared)
    return made or {"type": "string"}


def _or_null(schema: dict[str, object]) -> dict[str, object]:
    options = _list(schema.get("anyOf")) or [schema]
    return {"anyOf": [*options, *([] if {"type": "null"} in options else [{"type": "null"}])]}


def _coerced(value: JsonValue, types: frozenset[str]) -> JsonValue:
    """Serialize to text if the tool takes text; parse text as JSON if it takes another type."""
    if isinstance(value, str) and "string" not in types:
        try:
            read: JsonValue = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return read
    if types != {"string"} or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _types(schema: Schema, shared: Mapping[str, Schema]) -> frozenset[str]:
    resolved = _resolved(schema, shared)
    options = [kind for option in _list(resolved.get("anyOf")) for kind in _types(option, shared)]
    declared = resolved.get("type")
    named = declared if isinstance(declared, list) else [declared]
    return frozenset([kind for kind in (*options, *named) if isinstance(kind, str) and kind != "null"])


def _resolved(schema: Schema, shared: Mapping[str, Schema]) -> Schema:
    reference = schema.get("$ref")
    return shared.get(reference.rpartition("/")[2], {}) if isinstance(reference, str) else schema


def _properties(schema: Schema) -> Mapping[str, Schema]:
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def _names(value: object) -> frozenset[str]:
    return frozenset(value) if isinstance(value, list | tuple) else frozenset()


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []
