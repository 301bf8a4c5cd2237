"""Answers to completions: chunks and whole objects."""

import orjson

from libs.contracts.model_call import Usage
from services.gateway.dialects.chat.dialect import KEEP_ALIVE, usage_fields
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import FinishReason, Reply, ReplyHead, line_safe
from services.gateway.domain.streaming.resume import START, EventIds, ResumePoint


class CompletionFrames:
    """This protocol has no fields for reasoning and tool calls."""

    def __init__(self, head: ReplyHead, point: ResumePoint = START) -> None:
        self._head = head
        self._ids = EventIds(head.id, point)

    def opening(self) -> bytes:
        return self._chunk("", None)

    def had(self, text: str) -> None:
        """A chunk does not depend on earlier text."""

    def reasoning(self, text: str) -> bytes:
        return b""

    def content(self, text: str) -> bytes:
        self._ids.sent(text)
        return self._chunk(text, None)

    def tool_call(self, index: int, call_id: str, name: str) -> bytes:
        return b""

    def tool_arguments(self, index: int, fragment: str) -> bytes:
        return b""

    def ending(self, finish: FinishReason, usage: Usage) -> bytes:
        frames = self._chunk("", finish)
        if self._head.include_usage:
            counted = {**_fields(self._head), "choices": [], "usage": usage_fields(usage)}
            frames += self._event(orjson.dumps(counted))
        return frames + self._event(b"[DONE]")

    def error(self, error: ApiError) -> bytes:
        """No `[DONE]` follows this frame."""
        return self._event(error.body())

    def keep_alive(self) -> bytes:
        return KEEP_ALIVE

    def _chunk(self, text: str, finish: FinishReason | None) -> bytes:
        return self._event(orjson.dumps({**_fields(self._head), "choices": [_choice(text, finish)]}))

    def _event(self, data: bytes) -> bytes:
        return self._ids.next_line() + b"data: " + line_safe(data) + b"\n\n"


def completion_text(head: ReplyHead, reply: Reply) -> bytes:
    """Serialize the text_completion object of an answer."""
    choices = [_choice(reply.text, reply.finish)]
    return orjson.dumps({**_fields(head), "choices": choices, "usage": usage_fields(reply.usage)})


def _fields(head: ReplyHead) -> dict[str, object]:
    return {"id": head.id, "object": "text_completion", "created": head.created, "model": head.model}


def _choice(text: str, finish: FinishReason | None) -> dict[str, object]:
    return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
