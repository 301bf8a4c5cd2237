"""The chat completions dialect: requests, whole answers, and streams, whose frames are assembled from bytes."""

from collections.abc import Mapping
from typing import Literal

import orjson

from libs.contracts.model_call import Usage
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.body.chat_parameters import passed_chat
from services.gateway.domain.body.json import json_object
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import FinishReason, Frames, Reply, ReplyHead, ToolCall, line_safe
from services.gateway.domain.streaming.resume import START, EventIds, ResumePoint

KEEP_ALIVE = b": keep-alive\n\n"
_OPEN = b'},"logprobs":null,"finish_reason":null}]}'


class ChatDialect:
    name: Literal["chat"] = "chat"
    names: Mapping[str, str] = {}
    stream_type = b"text/event-stream; charset=utf-8"

    def read(self, body: object) -> InferenceRequest:
        raw = json_object(body)
        chat = read_chat_body(raw)
        raw = passed_chat(raw)
        usage = chat.stream_options is not None and bool(chat.stream_options.include_usage)
        return InferenceRequest(chat, raw, include_usage=usage, no_cache=chat.no_cache, session=chat.session_id)

    def frames(self, head: ReplyHead, point: ResumePoint = START) -> Frames:
        return ChatFrames(head, point)

    def whole(self, head: ReplyHead, reply: Reply) -> bytes:
        return completion_body(head, reply)

    def status_of(self, error: ApiError) -> int:
        return error.status

    def error(self, error: ApiError, response_id: str = "") -> bytes:
        return error.body()


CHAT = ChatDialect()


class ChatFrames:
    def __init__(self, head: ReplyHead, point: ResumePoint = START) -> None:
        self._ids = EventIds(head.id, point)
        self._include_usage = head.include_usage
        fields = {"id": head.id, "object": "chat.completion.chunk"}
        self._head = b"data: " + orjson.dumps({**fields, "created": head.created, "model": head.model})[:-1]
        self._delta = self._head + b',"choices":[{"index":0,"delta":'
        self._content = self._delta + b'{"content":'

    def opening(self) -> bytes:
        return self._event(self._delta + b'{"role":"assistant","content":""' + _OPEN)

    def had(self, text: str) -> None:
        """A chunk does not depend on earlier text."""

    def reasoning(self, text: str) -> bytes:
        return self._event(self._delta + b'{"reasoning_content":' + orjson.dumps(text) + _OPEN)

    def content(self, text: str) -> bytes:
        self._ids.sent(text)
        return self._event(self._content + orjson.dumps(text) + _OPEN)

    def tool_call(self, index: int, call_id: str, name: str) -> bytes:
        function = {"name": name, "arguments": ""}
        return self._tool({"index": index, "id": call_id, "type": "function", "function": function})

    def tool_arguments(self, index: int, fragment: str) -> bytes:
        return self._tool({"index": index, "function": {"arguments": fragment}})

    def ending(self, finish: FinishReason, usage: Usage) -> bytes:
        stop = self._event(self._delta + b'{},"logprobs":null,"finish_reason":"' + finish.encode() + b'"}]}')
        counted = self._usage(usage) if self._include_usage else b""
        return stop + counted + self._event(b"data: [DONE]")

    def error(self, error: ApiError) -> bytes:
        """No `[DONE]` follows this frame."""
        return self._event(b"data: " + error.body())

    def keep_alive(self) -> bytes:
        return KEEP_ALIVE

    def _tool(self, call: dict[str, object]) -> bytes:
        return self._event(self._delta + b'{"tool_calls":[' + orjson.dumps(call) + b"]" + _OPEN)

    def _usage(self, usage: Usage) -> bytes:
        return self._event(self._head + b',"choices":[],"usage":' + orjson.dumps(usage_fields(usage)) + b"}")

    def _event(self, data: bytes) -> bytes:
        return self._ids.next_line() + line_safe(data) + b"\n\n"


def usage_fields(usage: Usage) -> dict[str, int]:
    """The usage object: the sum over every model call of the request."""
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def completion_body(head: ReplyHead, reply: Reply) -> bytes:
    """Serialize the chat.completion object of an answer."""
    choice = {"index": 0, "message": _message(reply), "logprobs": None, "finish_reason": reply.finish}
    return orjson.dumps(
        {
            "id": head.id,
            "object": "chat.completion",
            "created": head.created,
            "model": head.model,
            "choices": [choice],
            "usage": usage_fields(reply.usage),
        }
    )


def _message(reply: Reply) -> dict[str, object]:
    content = None if reply.tool_calls and not reply.text else reply.text
    message: dict[str, object] = {"role": "assistant", "content": content, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = [_call(call) for call in reply.tool_calls]
    return message


def _call(call: ToolCall) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
