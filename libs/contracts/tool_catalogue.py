"""Tools that a plan may name, generated from the tool server's descriptions, so that planners need no call."""

from functools import cache
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from libs.contracts.message import Value

PATH = Path(__file__).with_name("tools.json")


class Words(Value):
    """The same in both languages."""

    en: str
    de: str


class OfferedTool(Value):
    """One tool: `arguments` is the JSON Schema of its arguments, `keywords` are the words that select it.

    `served`: it depends on an outside system, and may be unavailable in a fleet.
    """

    name: str
    group: str
    purpose: Words
    keywords: Words
    arguments: dict[str, JsonValue]
    read_only: bool = True
    served: bool = False


_ALL: TypeAdapter[tuple[OfferedTool, ...]] = TypeAdapter(tuple[OfferedTool, ...])


@cache
def catalogue() -> tuple[OfferedTool, ...]:
    """Every tool, in the order of the tool server's list."""
    return _ALL.validate_json(PATH.read_bytes())
