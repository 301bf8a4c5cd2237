"""Decodes an answer without I/O: bytes in, answer text and one completion out."""

import orjson

from libs.adapters.models.openai_chat.failures import stream_failure
from libs.adapters.models.openai_chat.sse import EventTooLong, SseEvent, SseParser
from libs.adapters.models.openai_chat.thinking import ThinkFilter
from libs.adapters.models.openai_chat.wire import (
    content_text,
    estimated_usage,
    finish_reason,
    first_choice,
    reported_usage,
)
from libs.core.error_objects import is_error
from libs.core.json_values import JsonObject, is_object
from libs.ports.llm import (
    Completion,
    FinishReason,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    StreamBroken,
    TokenUsage,
)

MAX_ANSWER_CHARS = 8 << 20
Failure = ModelUnavailable | ModelRefused | StreamBroken


class AnswerDecoder:
    """One attempt at one call. `done` is true after `[DONE]`; later bytes are ignorable."""

    def __init__(self, request: ModelRequest) -> None:
        self.done = False
        self._request = request
        self._events = SseParser()
        self._thinking = ThinkFilter()
        self._texts: list[str] = []
        self._length = 0
        self._finish: FinishReason | None = None
        self._usage: TokenUsage | None = None
        self._model = request.ref.model
        self._failure: Failure | None = None

    @property
    def began(self) -> bool:
        return bool(self._texts)

    @property
    def finished(self) -> bool:
        """True once the server sent a finish reason; from then on only usage can be missing."""
        return self._finish is not None

    def feed(self, chunk: bytes) -> str:
        """Decode a chunk of the event stream; return its answer text, often empty.

        Raises StreamBroken for a malformed chunk, ModelUnavailable or ModelRefused for an error object. Text before the
        fault is returned first; the next `feed` or `close` raises.
        """
        self.check()
        text: list[str] = []
        try:
            for event in self._events.feed(chunk):
                text.append(self._take(event))  # noqa: PERF401 - what was taken before a failure must survive it
        except EventTooLong as error:
            self._failure = self._broken(f"with {error}")
        except (ModelUnavailable, ModelRefused, StreamBroken) as error:
            self._failure = error
        if not any(text):
            self.check()
        return "".join(text)

    def check(self) -> None:
        """Raise the fault that `feed` met behind the text it returned."""
        if self._failure is not None:
            raise self._failure

    def feed_whole(self, body: bytes) -> str:
        """Decode a reply that is one JSON object; return its answer text. Raises as `feed` does."""
        text = self._take(SseEvent(body))
        self._finish = self._finish or ("stop" if text else None)
        return text

    def close(self) -> str:
        """End the answer; return the last text. Raises StreamBroken without a finish reason."""
        self.check()
        text = "" if self.finished else "".join([self._take(event) for event in self._events.close()])
        if not self.finished:
            raise self._broken("without a finish reason")
        return text + self._answer(self._thinking.close())

    def completion(self, duration_s: float) -> Completion:
        """Call only after `close`. The text is exactly the text that was returned."""
        text = "".join(self._texts)
        usage = self._usage or estimated_usage(self._request.messages, len(text))
        return Completion(text, self._finish or "stop", usage, self._model, duration_s)

    def _take(self, event: SseEvent) -> str:
        if self.done:
            return ""
        if event.data == b"[DONE]":
            self.done = True
            self._finish = self._finish or ("stop" if self.began else None)
            return ""
        if event.name == "error":
            raise self._failed(event.data)
        return self._take_chunk(event.data)

    def _take_chunk(self, data: bytes) -> str:
        try:
            chunk: object = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise self._broken("with a malformed chunk") from error
        if not is_object(chunk):
            raise self._broken("with a chunk that is not an object")
        if is_error(chunk):
            raise self._failed(data)
        if usage := reported_usage(chunk.get("usage")):
            self._usage = usage
        if isinstance(model := chunk.get("model"), str) and model:
            self._model = model
        return self._take_choice(first_choice(chunk))

    def _take_choice(self, choice: JsonObject) -> str:
        self._finish = finish_reason(choice.get("finish_reason")) or self._finish
        delta = choice.get("delta") or choice.get("message")
        return self._answer(self._thinking.feed(content_text(delta.get("content")))) if is_object(delta) else ""

    def _answer(self, text: str) -> str:
        if not text:
            return ""
        self._length += len(text)
        if self._length > MAX_ANSWER_CHARS:
            raise self._broken(f"at more than {MAX_ANSWER_CHARS} characters")
        self._texts.append(text)
        return text

    def _failed(self, data: bytes) -> Failure:
        error = stream_failure(self._request.ref, data)
        return StreamBroken(str(error)) if self.began else error

    def _broken(self, how: str) -> StreamBroken:
        ref = self._request.ref
        return StreamBroken(f"the answer of {ref.model!r} on model server {ref.server!r} stopped {how}")
