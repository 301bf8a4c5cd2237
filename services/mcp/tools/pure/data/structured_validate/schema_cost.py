"""Bound on the work of a schema: references can multiply it without limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import unquote

from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.data.structured_validate.document import Document

MAX_EVALUATIONS = 2_000_000
Schema: TypeAlias = Mapping[str, JsonValue]

_SAME_PLACE: Final = ("not", "if", "then", "else")
_SAME_PLACE_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SAME_PLACE_MAPS: Final = ("dependentSchemas",)
_ONE_CHILD: Final = ("additionalProperties", "items")  # of these only one fits each child, so the largest counts
_ONE_CHILD_MAPS: Final = ("properties",)
_ONE_CHILD_LISTS: Final = ("prefixItems",)
_EACH_CHILD: Final = ("contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems")
_EACH_CHILD_MAPS: Final = ("patternProperties",)


def check_cost(schema: JsonValue, document: Document) -> None:
    """Reject a schema that may be evaluated too often over a document. Raises ToolError.

    An upper bound: evaluations along one path from the root to a leaf, times the number of values.
    """
    if not isinstance(schema, dict):
        return
    depth = max((len(way) for way in document.places), default=0)
    if _most(_Cost(schema), depth) * max(1, len(document.places)) > MAX_EVALUATIONS:
        raise ToolError("limit_exceeded", f"work of the schema: the limit is {MAX_EVALUATIONS} evaluations")


def _most(cost: "_Cost", depth: int) -> int:
    """Count from the leaves up, so that a recursive schema finds its children already counted."""
    try:
        return max(cost.of(cost.root, level) for level in range(depth + 1))
    except RecursionError as error:
        raise ToolError("limit_exceeded", "work of the schema: its references follow each other too far") from error


@dataclass(slots=True)
class _Cost:
    """Counts evaluations by subschema and remaining depth."""

    root: Schema
    known: dict[tuple[int, int], int] = field(default_factory=dict)
    anchors: dict[str, Schema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for subschema in _every(self.root):
            self.anchors |= {
                str(subschema[key]): subschema for key in ("$anchor", "$dynamicAnchor") if key in subschema
            }
            if subschema is not self.root and isinstance(subschema.get("$id"), str):
                raise ToolError("invalid_argument", "schema_json: a $id below the root is not supported")

    def of(self, schema: JsonValue | Schema, depth: int) -> int:
        """Evaluations along the most expensive path; a loop at one place counts once."""
        if not isinstance(schema, Mapping):
            return 1
        key = id(schema), depth
        if key not in self.known:
            self.known[key] = 1
            self.known[key] = min(MAX_EVALUATIONS + 1, self._counted(schema, depth))
        return self.known[key]

    def _counted(self, schema: Schema, depth: int) -> int:
        here = sum(self.of(inner, depth) for inner in _inside(schema, _SAME_PLACE, _SAME_PLACE_LISTS, _SAME_PLACE_MAPS))
        here += sum(self.of(self._target(reference), depth) for reference in _references(schema))
        if depth == 0:
            return 1 + here
        one = _inside(schema, _ONE_CHILD, _ONE_CHILD_LISTS, _ONE_CHILD_MAPS)
        each = _inside(schema, _EACH_CHILD, (), _EACH_CHILD_MAPS)
        below = max((self.of(inner, depth - 1) for inner in one), default=0)
        return 1 + here + below + sum(self.of(inner, depth - 1) for inner in each)

    def _target(self, reference: str) -> JsonValue | Schema:
        mark, _, fragment = reference.partition("#")
        if mark and mark != self.root.get("$id"):
            raise ToolError("invalid_argument", "schema_json: a $ref leads outside the schema; nothing is fetched")
        if fragment and not fragment.startswith("/"):
            return self.anchors.get(fragment, {})
        return _at(self.root, [unquote(s).replace("~1", "/").replace("~0", "~") for s in fragment.split("/")[1:]])


def _references(schema: Schema) -> list[str]:
    found = (schema.get(key) for key in ("$ref", "$dynamicRef"))
    return [reference for reference in found if isinstance(reference, str)]


def _inside(schema: Schema, single: Sequence[str], lists: Sequence[str], maps: Sequence[str]) -> Iterator[JsonValue]:
    yield from (schema[key] for key in single if key in schema)
    for key in lists:
        items = schema.get(key)
        yield from items if isinstance(items, list) else ()
    for key in maps:
        members = schema.get(key)
        yield from members.values() if isinstance(members, dict) else ()


def _every(value: JsonValue | Schema) -> Iterator[Schema]:
    """Every object within a schema, including those that are no schemas."""
    if isinstance(value, Mapping):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _every(item)


def _at(root: Schema, steps: Sequence[str]) -> JsonValue | Schema:
    """Target of a JSON Pointer, or an empty schema."""
    value: JsonValue | Schema = root
    for step in steps:
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return {}
    return value
