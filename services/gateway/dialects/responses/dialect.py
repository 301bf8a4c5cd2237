"""The Responses dialect."""

from collections.abc import Mapping
from typing import Literal

import orjson

from services.gateway.dialects.responses.frames import ResponseFrames
from services.gateway.dialects.responses.request import NAMES, read_responses
from services.gateway.dialects.responses.shape import finished
from services.gateway.domain.body.json import json_object
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import Frames, Reply, ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint


class ResponsesDialect:
    name: Literal["responses"] = "responses"
    names: Mapping[str, str] = NAMES
    stream_type = b"text/event-stream; charset=utf-8"

    def read(self, body: object) -> InferenceRequest:
        return read_responses(json_object(body))

    def frames(self, head: ReplyHead, point: ResumePoint = START) -> Frames:
        return ResponseFrames(head, point)

    def whole(self, head: ReplyHead, reply: Reply) -> bytes:
        return orjson.dumps(finished(head, reply))

    def status_of(self, error: ApiError) -> int:
        return error.status

    def error(self, error: ApiError, response_id: str = "") -> bytes:
        return error.body()


RESPONSES = ResponsesDialect()
