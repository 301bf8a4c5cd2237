"""Turns of a conversation in OpenAI's chat shape, the target of all other protocols."""

import json
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Part: TypeAlias = dict[str, object]
Message: TypeAlias = dict[str, object]


@dataclass(slots=True)
class _Turn:
    """Consecutive content of one role, and the tool results that follow it directly."""

    role: Literal["user", "assistant"]
    parts: list[Part] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    calls: list[Message] = field(default_factory=list)
    results: list[Message] = field(default_factory=list)

    def messages(self) -> list[Message]:
        content = content_of(self.parts)
        message: Message = {"role": self.role, "content": None if self.calls and not content else content}
        if self.thoughts and self.calls:  # models that think between calls need their reasoning back, others do not
            message["reasoning_content"] = "\n".join(self.thoughts)
        if self.calls:
            message["tool_calls"] = self.calls
        return [message, *self.results]


@dataclass(slots=True)
class Turns:
    """Collects messages. Instructions always go first: most chat templates accept them nowhere else.

    Results follow the turn of their call directly, also when other content arrived before them: servers reject a call
    without its result. Results without a call follow the last turn; before an assistant turn they go first, because
    their calls are then in the conversation that this one continues.
    """

    _instructions: list[str] = field(default_factory=list)
    _first: list[Message] = field(default_factory=list)
    _turns: list[_Turn] = field(default_factory=list)
    _called: dict[str, _Turn] = field(default_factory=dict)

    def instruct(self, text: str) -> None:
        if text.strip():
            self._instructions.append(text)

    def user(self, parts: list[Part]) -> None:
        """Add user content; consecutive user turns are merged."""
        if parts:
            self._turn_of("user").parts += parts

    def assistant(self, text: str, calls: list[Message], reasoning: str = "") -> None:
        """Add assistant text and tool calls; consecutive assistant turns are merged."""
        turn = self._turn_of("assistant")
        turn.parts += [text_part(text)] if text else []
        turn.thoughts += [reasoning] if reasoning else []
        for each in calls:
            self.call(each)

    def call(self, call: Message) -> None:
        """Add a tool call to the assistant's last turn, or begin one with it."""
        turn = self._called[str(call["id"])] = self._turn_of("assistant")
        turn.calls.append(call)

    def tool(self, call_id: str, text: str) -> None:
        """Add the result of a call."""
        self._results_with(call_id).append({"role": "tool", "tool_call_id": call_id, "content": text})

    def all(self) -> list[Message]:
        system = "\n\n".join(self._instructions)
        head: list[Message] = [{"role": "system", "content": system}] if system else []
        return [*head, *self._first, *(message for turn in self._turns for message in turn.messages())]

    def _results_with(self, call_id: str) -> list[Message]:
        """The results that this call's result joins."""
        if (turn := self._called.get(call_id)) is not None:
            return turn.results
        begun = any(turn.role == "assistant" for turn in self._turns[:2])
        return self._turns[-1].results if begun else self._first

    def _turn_of(self, role: Literal["user", "assistant"]) -> _Turn:
        """The last turn while it is of this role and has no results, else a new one."""
        if not self._turns or self._turns[-1].role != role or self._turns[-1].results:
            self._turns.append(_Turn(role))
        return self._turns[-1]


def content_of(parts: list[Part]) -> object:
    """The content of a message; plain text becomes a string, which every server accepts."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(str(part["text"]) for part in parts)
    return [*parts]


def text_part(text: str) -> Part:
    return {"type": "text", "text": text}


def image_part(url: str, detail: str | None = None) -> Part:
    """An image by its address, which may be a data URL. `detail` is omitted for `auto`, the default."""
    closely = {} if detail in (None, "auto") else {"detail": detail}
    return {"type": "image_url", "image_url": {"url": url, **closely}}


def file_part(name: str, url: str) -> Part:
    return {"type": "file", "file": {"filename": name, "file_data": url}}


def function_call(call_id: str, name: str, arguments: object) -> dict[str, object]:
    """`arguments` is JSON text, or the value to serialize."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}


def function_tool(name: str, description: str | None, parameters: object, *, strict: bool | None) -> dict[str, object]:
    function: dict[str, object] = {"name": name, "parameters": parameters or {"type": "object", "properties": {}}}
    if description:
        function["description"] = description
    if strict is not None:
        function["strict"] = strict
    return {"type": "function", "function": function}


def json_schema_format(schema: object, name: str = "answer", *, strict: bool | None = True) -> dict[str, object]:
    described: dict[str, object] = {"name": name, "schema": schema}
    if strict is not None:
        described["strict"] = strict
    return {"type": "json_schema", "json_schema": described}
