"""The messages dialect."""

from collections.abc import Mapping
from typing import Literal

from services.gateway.dialects.messages import errors
from services.gateway.dialects.messages.frames import MessageFrames
from services.gateway.dialects.messages.request import NAMES, read_messages
from services.gateway.dialects.messages.whole import message_body
from services.gateway.domain.body.json import json_object
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import Frames, Reply, ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint


class MessagesDialect:
    name: Literal["messages"] = "messages"
    names: Mapping[str, str] = NAMES
    stream_type = b"text/event-stream; charset=utf-8"

    def read(self, body: object) -> InferenceRequest:
        return read_messages(json_object(body))

    def frames(self, head: ReplyHead, point: ResumePoint = START) -> Frames:
        return MessageFrames(head, point)

    def whole(self, head: ReplyHead, reply: Reply) -> bytes:
        return message_body(head, reply)

    def status_of(self, error: ApiError) -> int:
        return errors.status_of(error)

    def error(self, error: ApiError, response_id: str = "") -> bytes:
        return errors.error_body(error, response_id)


MESSAGES = MessagesDialect()
