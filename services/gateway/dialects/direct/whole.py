"""Whole direct answers: the server's JSON in, the client's body out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import orjson

from libs.core.error_objects import error_in, is_error
from libs.core.json_values import JsonObject, is_object, objects_in, text_in
from services.gateway.dialects.chat.dialect import usage_fields
from services.gateway.dialects.direct.thoughts import without_thoughts
from services.gateway.domain.body.outside_json import UnfitJson, read_outside
from services.gateway.domain.direct.cache_details import public_choice, public_fields
from services.gateway.domain.direct.finish import finish_of
from services.gateway.domain.direct.spent import Spent, reported_usage
from services.gateway.domain.direct.stream import BrokenAnswer, UpstreamErrorEvent
from services.gateway.domain.streaming.reply import FinishReason, Reply, ReplyHead, ToolCall

_DEFAULTS = {"role": "assistant", "content": None, "refusal": None}  # every message of a chat has these fields
_SPOKEN = ("content", "reasoning_content", "reasoning")


@dataclass(slots=True)
class WholeAnswer:
    """`reported` is the server's object, repaired and without its usage. `message` and `finish` are those of its first
    choice; `characters` are those of all choices."""

    reported: JsonObject
    spent: Spent | None
    characters: int
    message: JsonObject
    finish: str

    @property
    def text(self) -> str:
        return text_in(self.message.get("content")) or text_in(self.message.get("refusal"))

    @property
    def reasoning(self) -> str:
        return text_in(self.message.get("reasoning_content")) or text_in(self.message.get("reasoning"))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(_call(call) for call in objects_in(self.message.get("tool_calls")))

    def shown(self, *, thinking: bool) -> "WholeAnswer":
        """Copy without reasoning, unless `thinking`."""
        return self if thinking else _answer(without_thoughts(self.reported), self.spent, self.characters)

    def chat_body(self, head: ReplyHead, spent: Spent) -> bytes:
        """Serialize the chat.completion for the client; unknown fields are forwarded unchanged."""
        usage = spent.reported if spent.reported is not None else usage_fields(spent.usage)
        own = {"id": head.id, "object": "chat.completion", "created": head.created, "model": head.model}
        return orjson.dumps({**self.reported, **own, "usage": usage})

    def reply(self, spent: Spent) -> Reply:
        """Convert the answer for protocols other than chat."""
        return Reply(self.text, cast(FinishReason, self.finish), spent.usage, self.reasoning, self.calls)


def read_whole(body: bytes, new_id: Callable[[], str], *, shows_cache: bool = False) -> WholeAnswer:
    """Parse an answer; cache details stay where `shows_cache`.

    Raises BrokenAnswer for an invalid one, UpstreamErrorEvent for an error object.
    """
    reply = _object(body)
    if is_error(reply):
        raise UpstreamErrorEvent(error_in(reply))
    choices = [_choice(choice, number, new_id) for number, choice in enumerate(objects_in(reply.get("choices")))]
    if not choices:
        raise BrokenAnswer("before it began")
    size = sum(_size(cast(JsonObject, choice["message"])) for choice in choices)
    spent = reported_usage(reply.pop("usage", None), shows_cache=shows_cache)
    if not shows_cache:
        reply, choices = public_fields(reply), [public_choice(choice) for choice in choices]
    return _answer({**reply, "choices": choices}, spent, size)


def as_chunk(body: bytes) -> JsonObject:
    """Convert a whole answer into the one chunk of a stream: some servers do not stream. Raises BrokenAnswer."""
    reply = _object(body)
    choices = [_begun_and_ended(choice, number) for number, choice in enumerate(objects_in(reply.get("choices")))]
    return {**reply, "choices": choices}


def _answer(reply: JsonObject, spent: Spent | None, characters: int) -> WholeAnswer:
    first = cast(list[JsonObject], reply["choices"])[0]
    return WholeAnswer(reply, spent, characters, cast(JsonObject, first["message"]), text_in(first["finish_reason"]))


def _object(body: bytes) -> JsonObject:
    try:
        reply = read_outside(body)
    except UnfitJson as error:
        raise BrokenAnswer("with something that is not JSON") from error
    if not is_object(reply):
        raise BrokenAnswer("with something that is no object")
    return reply


def _begun_and_ended(choice: JsonObject, number: int) -> JsonObject:
    delta = _streamed(choice.pop("message", None))
    return {"index": number, **choice, "delta": delta}


def _streamed(message: object) -> JsonObject:
    delta = message if is_object(message) else {}
    calls = objects_in(delta.get("tool_calls"))
    return {**delta, "tool_calls": [{**call, "index": n} for n, call in enumerate(calls)]} if calls else delta


def _choice(choice: JsonObject, number: int, new_id: Callable[[], str]) -> JsonObject:
    message = choice.get("message")
    if not is_object(message):
        raise BrokenAnswer("with a choice that holds no message")
    calls = _calls(objects_in(message.get("tool_calls")), new_id)
    message = {**_DEFAULTS, **message, **({"tool_calls": calls} if calls else {})}
    reason = choice.get("finish_reason")
    if reason != "function_call" or not message.get("function_call"):
        reason = finish_of(reason or "stop", called=bool(calls))
    return {"logprobs": None, **choice, "index": number, "message": message, "finish_reason": reason}


def _calls(calls: list[JsonObject], new_id: Callable[[], str]) -> list[JsonObject]:
    """Every call gets a unique id, its type, and its arguments as text."""
    ids: set[str] = set()
    repaired: list[JsonObject] = []
    for call in calls:
        call_id = text_in(call.get("id"))
        call_id = call_id if call_id and call_id not in ids else new_id()
        ids.add(call_id)
        rest = {name: value for name, value in call.items() if name != "index"}
        repaired.append({**rest, "id": call_id, "type": "function", "function": _function(call.get("function"))})
    return repaired


def _function(function: object) -> JsonObject:
    function = function if is_object(function) else {}
    if not text_in(function.get("name")):
        raise BrokenAnswer("because a tool call has no name")
    arguments = function.get("arguments")
    written = arguments if isinstance(arguments, str) else orjson.dumps(arguments or {}).decode()
    return {**function, "arguments": written}


def _call(call: JsonObject) -> ToolCall:
    function = cast(JsonObject, call["function"])
    return ToolCall(text_in(call["id"]), text_in(function["name"]), text_in(function["arguments"]))


def _size(message: JsonObject) -> int:
    characters = sum([len(text_in(message[name])) for name in _SPOKEN if name in message])
    return characters + sum([len(str(call["function"])) for call in objects_in(message.get("tool_calls"))])
