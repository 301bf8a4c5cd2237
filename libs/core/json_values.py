"""Looking into decoded JSON."""

from typing import TypeAlias, TypeGuard

JsonObject: TypeAlias = dict[str, object]


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Return whether a decoded JSON value is an object."""
    return isinstance(value, dict)


def objects_in(value: object) -> list[JsonObject]:
    """Return the objects of a JSON list, none for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_in(value: object) -> str:
    """Return a JSON string as it is, nothing for anything else."""
    return value if isinstance(value, str) else ""
