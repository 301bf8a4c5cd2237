"""The completions dialect."""

from collections.abc import Mapping
from typing import Literal

from services.gateway.dialects.completions.frames import CompletionFrames, completion_text
from services.gateway.dialects.completions.request import NAMES, read_completions
from services.gateway.domain.body.json import json_object
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import Frames, Reply, ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint


class CompletionsDialect:
    name: Literal["completions"] = "completions"
    names: Mapping[str, str] = NAMES
    stream_type = b"text/event-stream; charset=utf-8"

    def read(self, body: object) -> InferenceRequest:
        return read_completions(json_object(body))

    def frames(self, head: ReplyHead, point: ResumePoint = START) -> Frames:
        return CompletionFrames(head, point)

    def whole(self, head: ReplyHead, reply: Reply) -> bytes:
        return completion_text(head, reply)

    def status_of(self, error: ApiError) -> int:
        return error.status

    def error(self, error: ApiError, response_id: str = "") -> bytes:
        return error.body()


COMPLETIONS = CompletionsDialect()
