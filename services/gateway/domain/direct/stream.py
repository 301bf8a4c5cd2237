"""Repair of a model's streamed answer: event data in, chunks out that clients can rely on. No I/O, no clock."""

from collections.abc import Callable

import orjson

from libs.core.error_objects import error_in, is_error
from libs.core.json_values import JsonObject, is_object, objects_in, text_in
from services.gateway.domain.direct.cache_details import (
    is_public_choice,
    is_public_chunk,
    public_choice,
    public_fields,
)
from services.gateway.domain.direct.finish import finish_of
from services.gateway.domain.direct.spent import Spent, reported_usage
from services.gateway.domain.direct.tool_calls import BrokenCall, CallRepair
from services.gateway.domain.streaming.reply import ToolCall

_DONE = b"[DONE]"


class BrokenAnswer(Exception):
    """The answer is invalid or ended early; the message describes how."""


class UpstreamErrorEvent(Exception):
    """The server sent an error instead of a piece of the answer; `error` is its object."""

    def __init__(self, error: JsonObject) -> None:
        super().__init__("the model server told an error")
        self.error = error


class _Choice:
    """The state of one choice."""

    __slots__ = ("begun", "calls", "characters", "finish", "index", "legacy", "texts", "thoughts")

    def __init__(self, index: int, new_id: Callable[[], str]) -> None:
        self.index = index
        self.calls = CallRepair(new_id)
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.characters = 0
        self.begun = False
        self.legacy = False
        self.finish: str | None = None

    def apply_delta(self, delta: JsonObject) -> JsonObject:
        """Apply a delta; return the part of it to send, empty for none. Raises BrokenCall."""
        self.add_text(delta.get("content") or delta.get("refusal"))
        if thought := text_in(delta.get("reasoning_content")) or text_in(delta.get("reasoning")):
            self.thoughts.append(thought)
            self.characters += len(thought)
        if "tool_calls" in delta:
            delta = self._with_calls(delta)
        self.legacy = self.legacy or bool(delta.get("function_call"))
        if delta and not self.begun:
            self.begun = True
            return {"role": "assistant", **delta}
        return delta

    def add_text(self, content: object) -> bool:
        """Add a piece of text; return whether it is one."""
        if not content or not isinstance(content, str):
            return False
        self.texts.append(content)
        self.characters += len(content)
        return True

    def finish_reason(self, reason: object) -> str | None:
        """None while there is no finish reason. Raises BrokenCall."""
        if reason == "function_call" and self.legacy:
            self.finish = "function_call"
        else:
            self.finish = finish_of(reason, called=self.calls.made)
        if self.finish is not None:
            self.calls.close()
        return self.finish

    def _with_calls(self, delta: JsonObject) -> JsonObject:
        rest = {name: value for name, value in delta.items() if name != "tool_calls"}
        calls = self.calls.repaired(delta["tool_calls"])
        self.characters += sum(len(str(call["function"])) for call in calls)
        if not rest.get("content"):
            rest.pop("content", None)
        return {**rest, "tool_calls": calls} if calls else {name: value for name, value in rest.items() if value}


class AnswerStream:
    """One answer of `expected` choices. `new_id` generates the ids of tool calls without an id. Cache details are
    forwarded where `shows_cache`."""

    __slots__ = ("_choices", "_expected", "_new_id", "_public", "_public_choice", "_shows_cache", "done", "spent")

    def __init__(self, new_id: Callable[[], str], expected: int = 1, *, shows_cache: bool = False) -> None:
        self.spent: Spent | None = None
        self.done = False
        self._new_id = new_id
        self._expected = expected
        self._shows_cache = shows_cache
        self._choices: dict[int, _Choice] = {}
        # The field names of the last chunk and choice with nothing to remove: most chunks have those of the one before.
        self._public: tuple[str, ...] = ()
        self._public_choice: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """True when every choice has ended: then only the usage can be missing."""
        return len(self._choices) >= self._expected and self._all_ended

    @property
    def text(self) -> str:
        """The text of the first choice so far."""
        return "".join(self._choices[0].texts) if 0 in self._choices else ""

    @property
    def reasoning(self) -> str:
        """The reasoning of the first choice so far."""
        return "".join(self._choices[0].thoughts) if 0 in self._choices else ""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of the first choice so far."""
        return self._choices[0].calls.calls() if 0 in self._choices else ()

    @property
    def finish(self) -> str:
        """The finish reason of the first choice; empty while it is open."""
        return (self._choices[0].finish or "") if 0 in self._choices else ""

    @property
    def characters(self) -> int:
        """All characters received, reasoning and arguments of calls included."""
        return sum(choice.characters for choice in self._choices.values())

    def take(self, data: bytes) -> list[JsonObject]:
        """Chunks to send for the data of one event. Raises BrokenAnswer, UpstreamErrorEvent."""
        if self.done:
            return []
        if data == _DONE:
            return self._completed()
        try:
            chunk: object = orjson.loads(data)  # the writer bounds its depth: a count here costs a tenth of a frame
        except orjson.JSONDecodeError as error:
            raise BrokenAnswer("with a malformed chunk") from error
        if not is_object(chunk):
            raise BrokenAnswer("with a chunk that is no object")
        return self.take_chunk(chunk)

    def take_chunk(self, chunk: JsonObject) -> list[JsonObject]:
        """Chunks to send for one of the server. Raises BrokenAnswer, UpstreamErrorEvent."""
        if is_error(chunk):
            raise UpstreamErrorEvent(error_in(chunk))
        if (usage := chunk.pop("usage", None)) and (spent := reported_usage(usage, shows_cache=self._shows_cache)):
            self.spent = spent
        if (names := tuple(chunk)) != self._public and not self._shows_cache:
            if is_public_chunk(chunk):
                self._public = names
            else:
                chunk = public_fields(chunk)
        try:
            return [chunk] if self._is_plain(chunk.get("choices")) else self._apply_chunk(chunk)
        except BrokenCall as broken:
            raise BrokenAnswer(f"because {broken}") from broken

    def close(self) -> None:
        """End the stream. Raises BrokenAnswer when a choice has no end."""
        if not self._all_ended:
            raise BrokenAnswer("without a finish reason")

    @property
    def _all_ended(self) -> bool:
        # Evaluated for every piece: `all` with a generator costs three times as much.
        for choice in self._choices.values():
            if choice.finish is None:
                return False
        return bool(self._choices)

    def _is_plain(self, choices: object) -> bool:
        """Apply a chunk with nothing but more text of the first choice, as nearly all are; it is sent unchanged."""
        first = self._choices.get(0)
        if not (first is not None and first.begun and first.finish is None):
            return False
        if not (isinstance(choices, list) and len(choices) == 1 and is_object(choice_object := choices[0])):
            return False
        if (
            choice_object.get("index") != 0
            or choice_object.get("finish_reason") is not None
            or not self._is_public(choice_object)
        ):
            return False
        delta = choice_object.get("delta")
        return is_object(delta) and len(delta) == 1 and first.add_text(delta.get("content"))

    def _is_public(self, choice: JsonObject) -> bool:
        if (names := tuple(choice)) == self._public_choice:
            return True
        if not is_public_choice(choice):
            return False
        self._public_choice = names
        return True

    def _apply_chunk(self, chunk: JsonObject) -> list[JsonObject]:
        pieces: list[JsonObject] = []
        ends: list[JsonObject] = []
        for choice_told in objects_in(chunk.get("choices")):
            choice_object = choice_told if self._shows_cache else public_choice(choice_told)
            choice = self._choice(choice_object.get("index"))
            if choice.finish is not None:
                continue
            delta = choice_object.get("delta")
            sent = choice.apply_delta(delta) if is_object(delta) else {}
            if sent:
                pieces.append({**choice_object, "index": choice.index, "delta": sent, "finish_reason": None})
            if finish := choice.finish_reason(choice_object.get("finish_reason")):
                alone = _without_piece(choice_object) if sent else choice_object
                ends.append({**alone, "index": choice.index, "delta": {}, "finish_reason": finish})
        return [{**chunk, "choices": choices} for choices in (pieces, ends) if choices]

    def _choice(self, index: object) -> _Choice:
        number = index if isinstance(index, int) else 0
        if (choice := self._choices.get(number)) is None:
            choice = self._choices[number] = _Choice(number, self._new_id)
        return choice

    def _completed(self) -> list[JsonObject]:
        """The server sent the end mark. Some send no finish reason: that counts as `stop`."""
        self.done = True
        open_ones = [choice for choice in self._choices.values() if choice.finish is None and choice.begun]
        try:
            ends: list[JsonObject] = [
                {"index": each.index, "delta": {}, "finish_reason": each.finish_reason("stop")} for each in open_ones
            ]
        except BrokenCall as broken:
            raise BrokenAnswer(f"because {broken}") from broken
        return [{"choices": ends}] if ends else []


def _without_piece(choice_object: JsonObject) -> JsonObject:
    """Fields that an end repeats of a choice after its last piece, such as vLLM's `stop_reason`.

    Lists and objects (logprobs, token ids) stay with the piece, because clients add them up.
    """
    words = {name: value for name, value in choice_object.items() if not isinstance(value, dict | list)}
    return {**words, "logprobs": None}
