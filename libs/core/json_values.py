"""Type guards for decoded JSON."""

from typing import TypeAlias, TypeGuard

JsonObject: TypeAlias = dict[str, object]


def is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def objects_in(value: object) -> list[JsonObject]:
    """The objects in a JSON list; empty for any other value."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_in(value: object) -> str:
    """A JSON string; empty for any other value."""
    return value if isinstance(value, str) else ""
