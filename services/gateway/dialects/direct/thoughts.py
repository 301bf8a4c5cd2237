"""Removal of reasoning from a model's output, for clients that must not see it."""

from libs.core.json_values import JsonObject, is_object, objects_in
from services.gateway.dialects.direct.writers import Writer
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.errors import ApiError

_THOUGHTS = frozenset({"reasoning_content", "reasoning"})
_SPEAKING = ("delta", "message")


def without_thoughts(reply: JsonObject) -> JsonObject:
    """Remove reasoning from a completion or a chunk; other fields stay unchanged."""
    if "choices" not in reply:
        return reply
    return {**reply, "choices": [_quiet(choice) for choice in objects_in(reply["choices"])]}


def _quiet(choice: JsonObject) -> JsonObject:
    stripped = {name: _bare(part) for name in _SPEAKING if is_object(part := choice.get(name))}
    return {**choice, **stripped}


def _bare(part: JsonObject) -> JsonObject:
    return {name: value for name, value in part.items() if name not in _THOUGHTS}


class QuietWriter:
    """A Writer that removes reasoning and delegates to another one."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def take(self, chunk: JsonObject) -> bytes:
        return self._writer.take(without_thoughts(chunk))

    def ending(self, spent: Spent) -> bytes:
        return self._writer.ending(spent)

    def error(self, error: ApiError) -> bytes:
        return self._writer.error(error)

    def keep_alive(self) -> bytes:
        return self._writer.keep_alive()
