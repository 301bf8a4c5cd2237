"""The events of one message, block by block."""

from collections.abc import Iterable
from typing import Literal

import orjson

from libs.contracts.model_call import Usage
from services.gateway.dialects.call_queue import CallQueue, Step
from services.gateway.dialects.messages.errors import error_body
from services.gateway.dialects.messages.whole import (
    STOP_REASONS,
    message_fields,
    signature,
    text_block,
    tool_block,
    usage_fields,
)
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import FinishReason, ReplyHead, line_safe
from services.gateway.domain.streaming.resume import START, EventIds, ResumePoint

PING = b'event: ping\ndata: {"type": "ping"}\n\n'
Kind = Literal["", "thinking", "text", "tool_use"]
_KINDS: tuple[Kind, ...] = ("", "thinking", "text", "tool_use")
_BLOCK_BITS = 4
_INDEX_BITS = 2


class MessageFrames:
    """The number of an event encodes the state after it: events, kind of the open block, its index."""

    def __init__(self, head: ReplyHead, point: ResumePoint = START) -> None:
        self._head = head
        self._shows_thinking = bool(head.echo)
        self._ids = EventIds(head.id, point)
        self._events = point.number >> _BLOCK_BITS
        self._index = point.number >> _INDEX_BITS & 3  # of the open block, or of the next one
        self._open: Kind = _KINDS[point.number & 3]
        self._calls = CallQueue()

    def opening(self) -> bytes:
        """Includes a ping, so that clients see the acceptance at once."""
        start = {"type": "message_start", "message": message_fields(self._head, Usage())}
        return self._event("message_start", orjson.dumps(start)) + PING

    def had(self, text: str) -> None:
        """The number of the last event encodes the open block; its earlier text does not matter."""

    def reasoning(self, text: str) -> bytes:
        """Empty for clients that did not request reasoning."""
        if not self._shows_thinking:
            return b""
        return self._steps(self._calls.speak("reasoning", text)) if self._calls.is_open else self._think(text)

    def content(self, text: str) -> bytes:
        return self._steps(self._calls.speak("content", text)) if self._calls.is_open else self._emit(text)

    def tool_call(self, index: int, call_id: str, name: str) -> bytes:
        return self._steps(self._calls.begin(call_id, name))

    def tool_arguments(self, index: int, fragment: str) -> bytes:
        return self._steps(self._calls.more(index, fragment))

    def ending(self, finish: FinishReason, usage: Usage) -> bytes:
        left = self._steps(self._calls.finish()) + self._close()
        delta = {"stop_reason": STOP_REASONS[finish], "stop_sequence": None, "stop_details": None, "container": None}
        last = {"type": "message_delta", "delta": delta, "usage": usage_fields(usage)}
        frames = left + self._event("message_delta", orjson.dumps(last))
        return frames + self._event("message_stop", b'{"type":"message_stop"}')

    def error(self, error: ApiError) -> bytes:
        return self._event("error", error_body(error, self._head.id))

    def keep_alive(self) -> bytes:
        return PING

    def _think(self, text: str) -> bytes:
        opened = self._enter("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        return opened + self._delta({"type": "thinking_delta", "thinking": text})

    def _emit(self, text: str) -> bytes:
        opened = self._enter("text", text_block(""))
        self._ids.sent(text)
        return opened + self._delta({"type": "text_delta", "text": text})

    def _steps(self, steps: Iterable[Step]) -> bytes:
        return b"".join(self._step(step) for step in steps)

    def _step(self, step: Step) -> bytes:
        kind, call, text = step
        match kind:
            case "begin":
                return self._close() + self._begin("tool_use", tool_block(call.id, call.name, {}))
            case "more":
                return self._delta({"type": "input_json_delta", "partial_json": text})
            case "end":
                return self._close()
            case "reasoning":
                return self._think(text)
            case "content":
                return self._emit(text)

    def _enter(self, kind: Kind, block: dict[str, object]) -> bytes:
        return b"" if self._open == kind else self._close() + self._begin(kind, block)

    def _begin(self, kind: Kind, block: dict[str, object]) -> bytes:
        self._open = kind
        start = {"type": "content_block_start", "index": self._index, "content_block": block}
        return self._event("content_block_start", orjson.dumps(start))

    def _delta(self, delta: dict[str, object]) -> bytes:
        fields = {"type": "content_block_delta", "index": self._index, "delta": delta}
        return self._event("content_block_delta", orjson.dumps(fields))

    def _close(self) -> bytes:
        if not self._open:
            return b""
        signed = b""
        if self._open == "thinking":
            signed = self._delta({"type": "signature_delta", "signature": signature(self._head)})
        stop = orjson.dumps({"type": "content_block_stop", "index": self._index})
        self._open = ""
        self._index += 1
        return signed + self._event("content_block_stop", stop)

    def _event(self, name: str, data: bytes) -> bytes:
        self._events += 1
        state = min(self._index, 3) << _INDEX_BITS | _KINDS.index(self._open)
        line = self._ids.line(self._events << _BLOCK_BITS | state)
        return b"event: " + name.encode() + b"\n" + line + b"data: " + line_safe(data) + b"\n\n"
