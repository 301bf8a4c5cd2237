"""Turns of a conversation in OpenAI's chat shape, as other protocols are translated into it."""

import json
from dataclasses import dataclass, field
from typing import TypeAlias

Part: TypeAlias = dict[str, object]


@dataclass(slots=True)
class Turns:
    """Collects messages. Instructions go first, whatever their place: most chat templates take them nowhere else."""

    _instructions: list[str] = field(default_factory=list)
    _messages: list[dict[str, object]] = field(default_factory=list)
    _parts: list[Part] = field(default_factory=list)

    def instruct(self, text: str) -> None:
        """Add instructions."""
        if text.strip():
            self._instructions.append(text)

    def user(self, parts: list[Part]) -> None:
        """Add what the user says; turns that follow each other are one."""
        self._parts += parts

    def assistant(self, text: str, calls: list[dict[str, object]], reasoning: str = "") -> None:
        """Add what the assistant said, and the tools it called."""
        self._flush()
        message: dict[str, object] = {"role": "assistant", "content": None if calls and not text else text}
        if reasoning and calls:  # models that think between calls need their thoughts back, others do not want them
            message["reasoning_content"] = reasoning
        if calls:
            message["tool_calls"] = calls
        self._messages.append(message)

    def call(self, call: dict[str, object]) -> None:
        """Add a tool call to the assistant's last turn, or begin one with it."""
        last = self._messages[-1] if self._messages and not self._parts else {}
        calls = last.get("tool_calls")
        if last.get("role") != "assistant":
            self.assistant("", [call])
        elif isinstance(calls, list):
            calls.append(call)
        else:
            last["tool_calls"] = [call]

    def tool(self, call_id: str, text: str) -> None:
        """Add the result of a call."""
        self._flush()
        self._messages.append({"role": "tool", "tool_call_id": call_id, "content": text})

    def all(self) -> list[dict[str, object]]:
        """Return the conversation."""
        self._flush()
        system = "\n\n".join(self._instructions)
        return [{"role": "system", "content": system}, *self._messages] if system else [*self._messages]

    def _flush(self) -> None:
        if self._parts:
            self._messages.append({"role": "user", "content": content_of(self._parts)})
            self._parts = []


def content_of(parts: list[Part]) -> object:
    """Return the content of a message. Plain text is a string: every server reads that."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(str(part["text"]) for part in parts)
    return [*parts]


def text_part(text: str) -> Part:
    """Return a part of text."""
    return {"type": "text", "text": text}


def image_part(url: str) -> Part:
    """Return an image by its address, which may be a data URL."""
    return {"type": "image_url", "image_url": {"url": url}}


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
