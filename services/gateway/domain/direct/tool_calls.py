"""Repair of streamed tool calls."""

from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from libs.core.json_values import JsonObject, is_object, objects_in, text_in
from services.gateway.domain.streaming.reply import ToolCall

MAX_CALLS = 128


class BrokenCall(ValueError):
    """A tool call that cannot be repaired."""


@dataclass(slots=True)
class _Call:
    """`name` is empty until it is known; until then `arguments` are buffered. `theirs` is the server's id of the call,
    empty for none; `id` is unique."""

    index: int
    id: str
    theirs: str
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    @property
    def written(self) -> str:
        return "".join(self.arguments)

    @property
    def complete(self) -> bool:
        """True when the arguments are a whole JSON object."""
        try:
            return is_object(orjson.loads(self.written))
        except orjson.JSONDecodeError:
            return False


class CallRepair:
    """The calls of one choice. `new_id` generates the id of a call that has none of its server.

    Clients assemble calls by their index and take name and id from the first piece. Servers omit indexes, count from
    any number, use one index for several calls, repeat the name, send no id, one id for several calls, or a new id in
    each piece. All of that is repaired here. Pieces belong together by index, and by id where there is no index.
    """

    __slots__ = ("_by_index", "_calls", "_new_id")

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}

    @property
    def made(self) -> bool:
        return bool(self._calls)

    def repaired(self, deltas: object) -> list[JsonObject]:
        """Deltas to send for those of a chunk. Raises BrokenCall."""
        return [sent for delta in objects_in(deltas) if (sent := self._repaired(delta)) is not None]

    def calls(self) -> tuple[ToolCall, ...]:
        """The calls so far."""
        return tuple(ToolCall(call.id, call.name, call.written) for call in self._calls)

    def close(self) -> None:
        """End the calls. Raises BrokenCall for a call without a name."""
        if any(not call.name for call in self._calls):
            raise BrokenCall("a tool call has no name")

    def _repaired(self, delta: JsonObject) -> JsonObject | None:
        function = delta.get("function")
        if not is_object(function):
            function = {}
        call = self._call_of(delta, text_in(function.get("name")))
        fragment = _arguments(function.get("arguments"))
        call.arguments.append(fragment)
        if call.name:
            return _piece(delta, function, call, fragment) if fragment else None
        call.name = text_in(function.get("name"))
        return _beginning(delta, function, call) if call.name else None

    def _call_of(self, delta: JsonObject, name: str) -> _Call:
        index, call_id = delta.get("index"), text_in(delta.get("id"))
        known = self._known(index, call_id, name)
        if known is None or _begins_anew(known, call_id, name, placed=isinstance(index, int)):
            known = self._begun(call_id)
        if isinstance(index, int):
            self._by_index[index] = known
        known.theirs = known.theirs or call_id
        return known

    def _known(self, index: object, call_id: str, name: str) -> _Call | None:
        if isinstance(index, int) and (name or index in self._by_index):
            return self._by_index.get(index)
        if call_id and (same := next((call for call in reversed(self._calls) if call.theirs == call_id), None)):
            return same
        return self._calls[-1] if self._calls and not isinstance(index, int) else None

    def _begun(self, call_id: str) -> _Call:
        if len(self._calls) >= MAX_CALLS:
            raise BrokenCall(f"more than {MAX_CALLS} tool calls")
        is_free = call_id and all(call.id != call_id for call in self._calls)
        call = _Call(len(self._calls), call_id if is_free else self._new_id(), call_id)
        self._calls.append(call)
        return call


def _begins_anew(known: _Call, call_id: str, name: str, *, placed: bool) -> bool:
    """True when a delta that seems to belong to a known call is the first of another one."""
    both_named = bool(name and known.name)
    if call_id:
        return call_id != known.theirs and (both_named or not placed)
    return both_named and (known.complete or not placed)


def _arguments(value: object) -> str:
    """Raises BrokenCall."""
    if value is None or isinstance(value, str):
        return value or ""
    try:
        return orjson.dumps(value).decode()  # some servers send the object itself
    except orjson.JSONEncodeError as error:
        raise BrokenCall("a tool call is nested too deep") from error


def _beginning(delta: JsonObject, function: JsonObject, call: _Call) -> JsonObject:
    named = {**function, "name": call.name, "arguments": call.written}
    return {**delta, "index": call.index, "id": call.id, "type": "function", "function": named}


def _piece(delta: JsonObject, function: JsonObject, call: _Call, fragment: str) -> JsonObject:
    rest = {name: value for name, value in delta.items() if name not in {"id", "type", "function"}}
    return {**rest, "index": call.index, "function": {"arguments": fragment}}
