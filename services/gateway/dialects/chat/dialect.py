"""The chat completions dialect."""

from collections.abc import Mapping
from typing import Literal

from services.gateway.dialects.chat.frames import ChatFrames
from services.gateway.dialects.chat.whole import completion_body
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.body.chat_parameters import passed_chat
from services.gateway.domain.body.json import json_object
from services.gateway.domain.errors import ApiError
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import Frames, Reply, ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint


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
