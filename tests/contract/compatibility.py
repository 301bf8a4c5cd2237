"""Whether new schemas can read what old ones wrote, and old readers what new ones write."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

Schema = Mapping[str, object]
_TYPE_KEYS = ("type", "const", "format")
_NESTED = ("items", "additionalProperties", "propertyNames")  # keys whose value may be a schema
_Compared = frozenset[tuple[object, object]]


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Breaking changes between two versions of a topic's schema: a version may add, never rename, retype or require.

    Messages are compared by name. Other definitions are compared where a `$ref` leads to them: their names are not on
    the log.
    """
    before, after = _messages(old), _messages(new)
    gone = [f"{name} is gone" for name in before if name not in after]
    comparison = _Comparison(_mapping(old.get("$defs")), _mapping(new.get("$defs")))
    kept = [name for name in before if name in after]
    changes = [line for name in kept for line in comparison.model(name, before[name], after[name], frozenset())]
    return gone + list(dict.fromkeys(changes))


def _messages(schema: Schema) -> dict[str, Schema]:
    if "properties" in schema:  # the one message of a topic; with a second one it becomes a definition of that name
        return {str(schema.get("title", "the message")): schema}
    definitions = _mapping(schema.get("$defs"))
    names = [_name(_mapping(choice)) for choice in _choices(schema)]
    return {name: _mapping(definitions[name]) for name in names}


@dataclass(frozen=True)
class _Comparison:
    """The definitions of both versions. `compared` are the pairs above: a definition may refer to itself."""

    before: Schema
    after: Schema

    def model(self, name: str, old: Schema, new: Schema, compared: _Compared) -> list[str]:
        """Changes of an object and of everything that it refers to."""
        before, after = _mapping(old.get("properties")), _mapping(new.get("properties"))
        lines = [f"{name}: field {field} is gone" for field in before if field not in after]
        added = sorted(_required(new) - _required(old))
        lines += [f"{name}: field {field} has become required" for field in added]
        for field in before:
            if field in after:
                place = f"{name}: field {field}"
                lines += self._node(place, _mapping(before[field]), _mapping(after[field]), compared)
        return lines

    def _node(self, place: str, old: Schema, new: Schema, compared: _Compared) -> list[str]:
        if "$ref" in old:
            return self._reference(place, old, new, compared)
        if change := _type_change(old, new):
            return [f"{place} {change}"]
        lines = self._choice(place, old, new, compared)
        for key in _NESTED:
            if isinstance(old.get(key), Mapping):
                lines += self._node(place, _mapping(old[key]), _mapping(new.get(key)), compared)
        return lines

    def _reference(self, place: str, old: Schema, new: Schema, compared: _Compared) -> list[str]:
        if "$ref" not in new:
            return [f"{place} changed its $ref"]
        pair = (old["$ref"], new["$ref"])
        if pair in compared:
            return []
        if _name(new) not in self.after:
            return [f"{_name(new)} is gone"]
        name, before = _name(old), _mapping(self.before[_name(old)])
        after = _mapping(self.after[_name(new)])
        below = compared | {pair}
        return self._node(name, before, after, below) + self.model(name, before, after, below)

    def _choice(self, place: str, old: Schema, new: Schema, compared: _Compared) -> list[str]:
        """Each alternative of old needs one that reads it; the best match shows the missing parts."""
        lines: list[str] = []
        for choice in _choices(old):
            found = [self._node(place, _mapping(choice), _mapping(other), compared) for other in _choices(new)]
            best: list[str] = min(found, key=len) if found else [f"{place} lost an alternative"]
            lines += best
        return lines


def _type_change(old: Schema, new: Schema) -> str:
    lost = set(cast(list[str], old.get("enum", []))) - set(cast(list[str], new.get("enum", [])))
    if "enum" in old and lost:
        return f"no longer knows {sorted(lost)}"
    changed = [key for key in _TYPE_KEYS if key in old and old.get(key) != new.get(key)]
    return f"changed its {changed[0]}" if changed else ""


def _name(reference: Schema) -> str:
    return str(reference.get("$ref")).rpartition("/")[2]


def _choices(schema: Schema) -> list[object]:
    return cast(list[object], schema.get("anyOf", []))


def _required(model: Schema) -> set[str]:
    return set(cast(list[str], model.get("required", [])))


def _mapping(value: object) -> Schema:
    return cast(Schema, value) if isinstance(value, Mapping) else {}
