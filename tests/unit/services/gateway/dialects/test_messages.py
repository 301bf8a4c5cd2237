"""Every object of Messages has each field that the official SDK's types have, of their types, and no other."""

import functools

import orjson
from hypothesis import given, settings
from pydantic import BaseModel, TypeAdapter

from libs.testing.every import for_every
from services.gateway.dialects.messages.errors import error_body
from services.gateway.dialects.messages.frames import MessageFrames
from services.gateway.dialects.messages.whole import message_body
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import Reply, ToolCall
from tests.support.dialects.official_types import differences, events_of
from tests.support.dialects.outputs import USAGE, Called, Told, answers, head, written

THINKS = '{"thinking":true}'
# Optional in the SDK's types, and nothing that a fleet has: names of tool families, a JSON schema's own words.
ABSENT = frozenset({"toolset_name"})


@functools.cache
def sdk_types() -> tuple[type[BaseModel], TypeAdapter[BaseModel], type[BaseModel]]:
    """Message, an event and an error. Loading the SDK takes 40 MB, which other processes do without."""
    from anthropic.types import Message, RawMessageStreamEvent
    from anthropic.types.shared import ErrorResponse

    return Message, TypeAdapter(RawMessageStreamEvent), ErrorResponse


@settings(max_examples=60)
@given(answers(mixed=True))
def test_every_event_has_the_fields_of_its_type(told: Told) -> None:
    for event in events_of(written(told, MessageFrames(head(echo=THINKS)))):
        if event["type"] != "ping":  # not a type of the SDK: it is dropped before a client receives it
            assert list(differences(sdk_types()[1].validate_python(event, strict=True), event, ABSENT)) == [], event


@settings(max_examples=60)
@given(answers(mixed=True))
def test_a_message_in_one_piece_has_the_fields_of_its_type(told: Told) -> None:
    calls = tuple(ToolCall(call.id, call.name, "".join(call.arguments)) for call in told.calls)
    reply = Reply("".join(told.content), "tool_calls" if calls else "stop", USAGE, "".join(told.reasoning), calls)
    message = orjson.loads(message_body(head(echo=THINKS), reply))
    assert list(differences(sdk_types()[0].model_validate(message, strict=True), message, ABSENT)) == []


@for_every(status=(400, 401, 402, 403, 404, 408, 409, 413, 415, 422, 425, 429, 499, 500, 502, 503, 504))
def test_every_error_is_of_a_type_that_the_sdk_knows(status: int) -> None:
    for code in ("overloaded", "something_else"):
        body = orjson.loads(error_body(ApiError(status, code, "Why."), "msg_1"))
        assert list(differences(sdk_types()[2].model_validate(body, strict=True), body, frozenset())) == []


def test_a_missing_and_an_unknown_field_are_found() -> None:
    frames = MessageFrames(head())
    start, *_ = events_of(written(Told((), ["x"], [Called("c", "f", ("{}",))]), frames))
    message = start["message"]
    assert isinstance(message, dict)
    del message["container"]
    message["usage"]["cost"] = 1
    found = list(differences(sdk_types()[1].validate_python(start), start, ABSENT))
    assert found == ["message.container is missing", "message.usage.cost is unknown"]
