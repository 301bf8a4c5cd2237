"""Ollama's two protocols as dialects."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from libs.core.clock import Clock, SystemClock
from services.gateway.dialects.naming import parse_request
from services.gateway.dialects.ollama.answers import (
    OllamaFrames,
    PieceFormat,
    chat_piece,
    error_line,
    generate_piece,
    loaded_answer,
    whole_answer,
)
from services.gateway.dialects.ollama.loading import Loading
from services.gateway.dialects.ollama.request import (
    CHAT_NAMES,
    GENERATE_NAMES,
    read_ollama_chat,
    read_ollama_generate,
)
from services.gateway.domain.body.json import json_object
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import Frames, Reply, ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint


class OllamaDialect:
    """The clock is for the durations that Ollama's clients show."""

    stream_type = b"application/x-ndjson"

    def __init__(
        self,
        name: Literal["ollama-chat", "ollama-generate"],
        names: Mapping[str, str],
        read: Callable[[dict[str, object]], InferenceRequest | Loading],
        piece_format: PieceFormat,
        clock: Clock | None = None,
    ) -> None:
        self.name: Literal["ollama-chat", "ollama-generate"] = name
        self.names = names
        self._read = read
        self._said = piece_format
        self._clock = clock or SystemClock()

    def read(self, body: object) -> InferenceRequest:
        read = self._read(json_object(body))
        return read if isinstance(read, InferenceRequest) else self._at_once(read)

    def frames(self, head: ReplyHead, point: ResumePoint = START) -> Frames:
        return OllamaFrames(head, self._said, self._clock)

    def whole(self, head: ReplyHead, reply: Reply) -> bytes:
        return whole_answer(head, reply, self._said, self._clock.now())

    def status_of(self, error: ApiError) -> int:
        return error.status

    def error(self, error: ApiError, response_id: str = "") -> bytes:
        return error_line(error)

    def _at_once(self, loading: Loading) -> InferenceRequest:
        """Model servers load models on demand, so the answer only confirms."""
        unasked = {"model": loading.model, "messages": [{"role": "user", "content": ""}]}
        return replace(
            parse_request(unasked, self.names), at_once=loaded_answer(loading, self._said, self._clock.now())
        )


OLLAMA_CHAT = OllamaDialect("ollama-chat", CHAT_NAMES, read_ollama_chat, chat_piece)
OLLAMA_GENERATE = OllamaDialect("ollama-generate", GENERATE_NAMES, read_ollama_generate, generate_piece)
