"""Reading the JSON Schema of a tool's arguments."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from pydantic import JsonValue

from services.mcp.contract import ToolDescription

Schema: TypeAlias = Mapping[str, JsonValue]
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def arguments_of(tool: ToolDescription) -> dict[str, tuple[Schema, ...]]:
    """Alternative schemas of each argument, without references."""
    return {name: tuple(_options(schema, tool.input_schema)) for name, schema in _properties(tool.input_schema)}


def needed(tool: ToolDescription) -> list[str]:
    required = tool.input_schema.get("required", [])
    return [str(name) for name in required] if isinstance(required, list) else []


def may_be(options: tuple[Schema, ...], value: JsonValue) -> bool:
    kind = "null" if value is None else _TYPES[type(value)]
    types = {str(option.get("type")) for option in options}
    return kind in types or (kind == "integer" and "number" in types)


def longest_text(options: tuple[Schema, ...]) -> int:
    """Maximum length of a text; 0 without one, or for a choice of words."""
    lengths = (option.get("maxLength") for option in options if option.get("type") == "string")
    return max((length for length in lengths if isinstance(length, int)), default=0)


def unbounded(root: Schema) -> list[str]:
    """Unbounded texts, numbers and lists, at any depth."""
    return list(_unbounded(root, root, "arguments", depth=0))


def _unbounded(schema: Schema, root: Schema, where: str, depth: int) -> Iterator[str]:
    for option in _options(schema, root) if depth < 8 else ():
        if not any(all(limit in option for limit in limits) for limits in _limits_of(option)):
            yield f"{where}: {dict(option)}"
        items = option.get("items")
        if isinstance(items, dict):
            yield from _unbounded(items, root, f"{where}[]", depth + 1)
        for name, inner in _properties(option):
            yield from _unbounded(inner, root, f"{where}.{name}", depth + 1)


def _limits_of(option: Schema) -> tuple[tuple[str, ...], ...]:
    """Set of keywords, one of which has to be there whole."""
    if "enum" in option or "const" in option:
        return ((),)
    match option.get("type"):
        case "string":
            return (("maxLength",), ("pattern",))
        case "integer" | "number":
            lower, upper = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")
            return (*((low, high) for low in lower for high in upper), ("maxLength",))  # it may also be a text
        case "array":
            return (("maxItems",),)
        case "object":
            return (("additionalProperties",), ("maxProperties",))
        case "boolean" | "null":
            return ((),)
    return ()


def _options(schema: Schema, root: Schema) -> Iterator[Schema]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        definitions = root.get("$defs")
        found = definitions.get(reference.rpartition("/")[2]) if isinstance(definitions, dict) else None
        yield from _options(found, root) if isinstance(found, dict) else ()
    elif isinstance(choices := schema.get("anyOf", schema.get("oneOf")), list):
        for choice in choices:
            yield from _options(choice, root) if isinstance(choice, dict) else ()
    elif isinstance(types := schema.get("type"), list):
        yield from ({**schema, "type": each} for each in types)
    else:
        yield schema


def _properties(schema: Schema) -> Iterator[tuple[str, Schema]]:
    found = schema.get("properties")
    for name, inner in found.items() if isinstance(found, dict) else ():
        if isinstance(inner, dict):
            yield name, inner
