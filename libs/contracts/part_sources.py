"""Sources of parts: one row a kind of part. Planner, join, catalogue and failures read this table."""

from importlib import import_module

from libs.contracts.message import Message, PartMessage
from libs.contracts.part_kind import KINDS
from libs.contracts.part_source import PartBrief, PartSource
from libs.contracts.plan import PlannedPart
from libs.contracts.sources.expert import ask_expert


def _source(kind: str) -> PartSource:
    source: PartSource = import_module(f"libs.contracts.sources.{kind}").SOURCE
    return source


PART_SOURCES: tuple[PartSource, ...] = tuple(map(_source, KINDS))
PLANNED_COMMANDS = tuple(command for source in PART_SOURCES if source.build for command in source.commands)
_BY_KIND = {source.kind: source for source in PART_SOURCES}
_BY_COMMAND: dict[type[Message], PartSource] = {
    command: source for source in PART_SOURCES for command in source.commands
}
EXPERT, TOOL, TRACE = (_BY_KIND[kind] for kind in ("expert", "tool", "trace"))  # those that code treats apart


def source_of(kind: str) -> PartSource:
    """Raises KeyError for an unknown kind; messages hold known kinds only."""
    return _BY_KIND[kind]


def source_of_command(message: Message) -> PartSource | None:
    """The source that a command asks for its part; None for any other message."""
    return _BY_COMMAND.get(type(message))


def command_of(part: PlannedPart, brief: PartBrief) -> PartMessage:
    """The command of one planned part. An expert gets the task of a part that no other source can build."""
    build = source_of(part.kind).build or ask_expert  # a plan on the log must not stop the join
    return build(part, brief)
