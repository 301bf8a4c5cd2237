"""Whether new schemas can read what old ones wrote, and old readers what new ones write."""

from collections.abc import Mapping
from typing import cast

Schema = Mapping[str, object]
_TYPE_KEYS = ("type", "const", "$ref", "format")


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Return what breaks between two versions of a topic's schema: we may add, never rename, retype or require."""
    before, after = _models(old), _models(new)
    gone = [f"{name} is gone" for name in before if name not in after]
    kept = [name for name in before if name in after]
    return gone + [f"{name}: {line}" for name in kept for line in _model_changes(before[name], after[name])]


def _models(schema: Schema) -> dict[str, Schema]:
    models = dict(_mapping(schema.get("$defs")))
    if "properties" in schema:  # the one message of a topic; with a second one it becomes a definition of that name
        models[str(schema.get("title", "the message"))] = schema
    return {name: _mapping(model) for name, model in models.items()}


def _model_changes(old: Schema, new: Schema) -> list[str]:
    before, after = _mapping(old.get("properties")), _mapping(new.get("properties"))
    lines = [f"field {name} is gone" for name in before if name not in after]
    lines += [f"field {name} has become required" for name in sorted(_required(new) - _required(old))]
    for name in before:
        if name in after and (change := _type_change(_mapping(before[name]), _mapping(after[name]))):
            lines.append(f"field {name} {change}")
    return lines


def _type_change(old: Schema, new: Schema) -> str:
    lost = set(cast(list[str], old.get("enum", []))) - set(cast(list[str], new.get("enum", [])))
    if "enum" in old and lost:
        return f"no longer knows {sorted(lost)}"
    changed = [key for key in _TYPE_KEYS if key in old and old.get(key) != new.get(key)]
    return f"changed its {changed[0]}" if changed else ""


def _required(model: Schema) -> set[str]:
    return set(cast(list[str], model.get("required", [])))


def _mapping(value: object) -> Schema:
    return cast(Schema, value) if isinstance(value, Mapping) else {}
