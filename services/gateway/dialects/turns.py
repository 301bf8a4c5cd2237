"""Turns of a conversation in OpenAI's chat shape, as other protocols are translated into it."""

import json
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Part: TypeAlias = dict[str, object]
Message: TypeAlias = dict[str, object]


@dataclass(slots=True)
class _Turn:
    """What one side says until the other one speaks, and the results of tools that follow it directly."""

    role: Literal["user", "assistant"]
    parts: list[Part] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    calls: list[Message] = field(default_factory=list)
    results: list[Message] = field(default_factory=list)

    def messages(self) -> list[Message]:
        """Return the turn in the shape of a chat."""
        content = content_of(self.parts)
        message: Message = {"role": self.role, "content": None if self.calls and not content else content}
        if self.thoughts and self.calls:  # models that think between calls need their thoughts back, others do not
            message["reasoning_content"] = "\n".join(self.thoughts)
        if self.calls:
            message["tool_calls"] = self.calls
        return [message, *self.results]


@dataclass(slots=True)
class Turns:
    """Collects messages. Instructions go first, whatever their place: most chat templates take them nowhere else.

    Results go directly behind the turn that called, whatever was said before they came: servers refuse a call without
    its result. Those of calls that nobody made go behind the last turn; before the assistant has spoken they go first,
    because the calls are then in the conversation that this one goes on from.
    """

    _instructions: list[str] = field(default_factory=list)
    _first: list[Message] = field(default_factory=list)
    _turns: list[_Turn] = field(default_factory=list)
    _called: dict[str, _Turn] = field(default_factory=dict)

    def instruct(self, text: str) -> None:
        """Add instructions."""
        if text.strip():
            self._instructions.append(text)

    def user(self, parts: list[Part]) -> None:
        """Add what the user says; turns that follow each other are one."""
        if parts:
            self._turn_of("user").parts += parts

    def assistant(self, text: str, calls: list[Message], reasoning: str = "") -> None:
        """Add what the assistant said, and the tools it called; turns that follow each other are one."""
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
        """Return the conversation."""
        system = "\n\n".join(self._instructions)
        head: list[Message] = [{"role": "system", "content": system}] if system else []
        return [*head, *self._first, *(message for turn in self._turns for message in turn.messages())]

    def _results_with(self, call_id: str) -> list[Message]:
        """Return the results among which the one of this call belongs."""
        if (turn := self._called.get(call_id)) is not None:
            return turn.results
        begun = any(turn.role == "assistant" for turn in self._turns[:2])
        return self._turns[-1].results if begun else self._first

    def _turn_of(self, role: Literal["user", "assistant"]) -> _Turn:
        """Return the last turn where this side still speaks, or a new one."""
        if not self._turns or self._turns[-1].role != role or self._turns[-1].results:
            self._turns.append(_Turn(role))
        return self._turns[-1]


def content_of(parts: list[Part]) -> object:
    """Return the content of a message. Plain text is a string: every server reads that."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(str(part["text"]) for part in parts)
    return [*parts]


def text_part(text: str) -> Part:
    """Return a part of text."""
    return {"type": "text", "text": text}


def image_part(url: str, detail: str | None = None) -> Part:
    """Return an image by its address, which may be a data URL. `detail` is how closely to look; `auto` goes without
    saying."""
    closely = {} if detail in (None, "auto") else {"detail": detail}
    return {"type": "image_url", "image_url": {"url": url, **closely}}


def file_part(name: str, url: str) -> Part:
    """Return a file as a data URL."""
    return {"type": "file", "file": {"filename": name, "file_data": url}}


def function_call(call_id: str, name: str, arguments: object) -> dict[str, object]:
    """Return a tool call. `arguments` is JSON text, or the value it stands for."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}


def function_tool(name: str, description: str | None, parameters: object, *, strict: bool | None) -> dict[str, object]:
    """Return a tool that the model may call."""
    function: dict[str, object] = {"name": name, "parameters": parameters or {"type": "object", "properties": {}}}
    if description:
        function["description"] = description
    if strict is not None:
        function["strict"] = strict
    return {"type": "function", "function": function}


def json_schema_format(schema: object, name: str = "answer", *, strict: bool | None = True) -> dict[str, object]:
    """Return the response format that a schema asks for."""
    described: dict[str, object] = {"name": name, "schema": schema}
    if strict is not None:
        described["strict"] = strict
    return {"type": "json_schema", "json_schema": described}
