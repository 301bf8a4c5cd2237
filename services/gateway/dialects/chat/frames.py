"""SSE frames of one chat completion, assembled from bytes: a frame costs a few microseconds."""

import orjson

from libs.contracts.model_call import Usage
from services.gateway.dialects.chat.whole import usage_fields
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import FinishReason, ReplyHead, line_safe
from services.gateway.domain.streaming.resume import START, EventIds, ResumePoint

KEEP_ALIVE = b": keep-alive\n\n"
_OPEN = b'},"logprobs":null,"finish_reason":null}]}'


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
