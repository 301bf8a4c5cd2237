"""Streamed direct answers in the client's protocol."""

from typing import Protocol, cast

import orjson

from libs.core.json_values import JsonObject, objects_in, text_in
from services.gateway.dialects.chat.dialect import usage_fields
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.direct.stream import BrokenAnswer
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import FinishReason, Frames, ReplyHead

_KEEP_ALIVE = b": keep-alive\n\n"


class Writer(Protocol):
    """Writes one stream: chunks of an AnswerStream in, bytes to send out."""

    def take(self, chunk: JsonObject) -> bytes:
        """The writer may modify the chunk. Raises BrokenAnswer."""
        ...

    def ending(self, spent: Spent) -> bytes:
        """The regular end; every choice has its finish reason before."""
        ...

    def error(self, error: ApiError) -> bytes:
        """The end of a stream without a whole answer."""
        ...

    def keep_alive(self) -> bytes:
        """Bytes that keep a silent connection open."""
        ...


class ChatWriter:
    """OpenAI's chat chunks, for requests in that protocol: unknown fields are forwarded unchanged."""

    __slots__ = ("_include_usage", "_number", "_own", "_prefix")

    def __init__(self, head: ReplyHead) -> None:
        self._own: JsonObject = {
            "id": head.id,
            "object": "chat.completion.chunk",
            "created": head.created,
            "model": head.model,
        }
        self._include_usage = head.include_usage
        self._prefix = f"id: {head.id}/".encode()
        self._number = 0

    def take(self, chunk: JsonObject) -> bytes:
        chunk.update(self._own)
        try:
            return self._event(orjson.dumps(chunk))
        except orjson.JSONEncodeError as error:  # nested deeper than the encoder supports
            raise BrokenAnswer("with a chunk that cannot be written again") from error

    def ending(self, spent: Spent) -> bytes:
        return (self._usage(spent) if self._include_usage else b"") + self._event(b"[DONE]")

    def error(self, error: ApiError) -> bytes:
        return self._event(error.body())

    def keep_alive(self) -> bytes:
        return _KEEP_ALIVE

    def _usage(self, spent: Spent) -> bytes:
        usage = spent.reported if spent.reported is not None else usage_fields(spent.usage)
        return self._event(orjson.dumps({**self._own, "choices": [], "usage": usage}))

    def _event(self, data: bytes) -> bytes:
        self._number += 1
        return b"%b%d\ndata: %b\n\n" % (self._prefix, self._number, data)


class FramesWriter:
    """Any other protocol, through its frames: the first choice only."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._opened = False
        self._finish: FinishReason = "stop"

    def take(self, chunk: JsonObject) -> bytes:
        first = next((choice for choice in objects_in(chunk.get("choices")) if choice.get("index") == 0), None)
        if first is None:
            return b""
        if finish := text_in(first.get("finish_reason")):
            self._finish = cast(FinishReason, finish)
        delta = first.get("delta")
        return self._opening() + (self._delta(delta) if isinstance(delta, dict) else b"")

    def ending(self, spent: Spent) -> bytes:
        return self._opening() + self._frames.ending(self._finish, spent.usage)

    def error(self, error: ApiError) -> bytes:
        return self._opening() + self._frames.error(error)

    def keep_alive(self) -> bytes:
        return self._opening() + self._frames.keep_alive()

    def _opening(self) -> bytes:
        if self._opened:
            return b""
        self._opened = True
        return self._frames.opening()

    def _delta(self, delta: JsonObject) -> bytes:
        data = b""
        if thought := text_in(delta.get("reasoning_content")) or text_in(delta.get("reasoning")):
            data += self._frames.reasoning(thought)
        if text := text_in(delta.get("content")) or text_in(delta.get("refusal")):
            data += self._frames.content(text)
        return data + b"".join(self._call(call) for call in objects_in(delta.get("tool_calls")))

    def _call(self, call: JsonObject) -> bytes:
        """Repaired calls begin with id and name and count from 0."""
        index, call_id, function = cast(int, call["index"]), text_in(call.get("id")), call.get("function")
        function = function if isinstance(function, dict) else {}
        begun = self._frames.tool_call(index, call_id, text_in(function.get("name"))) if call_id else b""
        fragment = text_in(function.get("arguments"))
        return begun + (self._frames.tool_arguments(index, fragment) if fragment else b"")
