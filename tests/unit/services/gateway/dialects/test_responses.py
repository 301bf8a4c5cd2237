"""Every object of Responses has each field that the official SDK's types have, of their types, and no other."""

import json
from dataclasses import replace
from typing import Final

import orjson
import pytest
from hypothesis import given, settings
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from services.gateway.dialects.responses.frames import ResponseFrames
from services.gateway.dialects.responses.shape import Progress, Status, finished, response_fields
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import Reply, ToolCall
from tests.support.dialects.official_types import differences, events_of
from tests.support.dialects.outputs import USAGE, Told, answers, head, written

EVENT: TypeAdapter[BaseModel] = TypeAdapter(ResponseStreamEvent)
ECHO: Final = json.dumps(
    {
        "tools": [{"type": "function", "name": "weather"}],
        "tool_choice": {"type": "function", "name": "weather"},
        "text": {"format": {"type": "json_schema", "name": "answer", "schema": {}}},
        "reasoning": {"effort": "low"},
        "temperature": 0.5,
    }
)
# `usage` and `user` are there only with a value: the types for TypeScript take no null.
# What every server has to say is required in the SDK's types for TypeScript; these are optional there, and say what
# runs at OpenAI: kept conversations and prompts, its caches, moderation and hosted tools.
ABSENT = frozenset(
    {
        *(
            "usage",
            "user",
            "conversation",
            "image",
            "input_transformations",
            "moderation",
            "prompt",
            "tool_usage",
        ),
        *("prompt_cache_diagnostics", "prompt_cache_options", "prompt_cache_retention", "cache_write_tokens_details"),
        *("phase", "encrypted_content", "caller", "namespace", "async", "allowed_callers", "defer_loading"),
        *("output_schema", "context", "generate_summary", "mode", "verbosity", "created_by", "obfuscation"),
        *(
            "ResponseReasoningItem.content",
            "ResponseReasoningItem.status",
            "ResponseReasoningSummaryPartDoneEvent.status",
        ),
        *("ResponseFormatTextJSONSchemaConfig.description", "ResponseFormatTextJSONSchemaConfig.strict"),
    }
)
# Not in the SDK's types, but in those of other clients and of its earlier releases.
OURS = frozenset({"presence_penalty", "frequency_penalty", "store", "ResponseFunctionCallArgumentsDoneEvent.name"})


@settings(max_examples=60)
@given(answers(mixed=True))
def test_every_event_has_the_fields_of_its_type(told: Told) -> None:
    for event in events_of(written(told, ResponseFrames(head(echo=ECHO)))):
        read = EVENT.validate_json(orjson.dumps(event), strict=True)
        assert list(differences(read, event, ABSENT | OURS)) == [], event


@settings(max_examples=60)
@given(answers(mixed=True))
def test_a_response_in_one_piece_has_the_fields_of_its_type(told: Told) -> None:
    calls = tuple(ToolCall(call.id, call.name, "".join(call.arguments)) for call in told.calls)
    reply = Reply("".join(told.content), "tool_calls" if calls else "stop", USAGE, "".join(told.reasoning), calls)
    response = finished(head(echo=ECHO), reply)
    read = Response.model_validate_json(orjson.dumps(response), strict=True)
    assert list(differences(read, response, ABSENT | OURS)) == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("deadline_exceeded", "server_error"),
        ("rate_limit_exceeded", "rate_limit_exceeded"),
        ("context_length_exceeded", "invalid_prompt"),
        ("a_code_of_a_server", "server_error"),
    ],
)
def test_a_failed_response_has_a_code_that_the_types_know(code: str, told: str) -> None:
    response = response_fields(head(echo=ECHO), Progress("failed", error=(code, "Why.")))
    read = Response.model_validate_json(orjson.dumps(response), strict=True)
    assert list(differences(read, response, ABSENT | OURS | {"misalignment"})) == []
    assert response["error"] == {"code": told, "message": "Why.", "type": code, "param": None}


@pytest.mark.parametrize(("status", "told"), [("completed", 7), ("incomplete", None), ("failed", None)])
def test_only_a_complete_response_tells_when_it_was_complete(status: Status, told: int | None) -> None:
    ended = replace(head(echo=ECHO), completed_at=lambda: 7)
    assert response_fields(ended, Progress(status))["completed_at"] == told


@pytest.mark.parametrize("code", ["stopping", "stream_broken"])  # of the stream alone, and of the response
def test_an_error_in_a_stream_has_the_fields_of_its_type(code: str) -> None:
    frames = ResponseFrames(head(echo=ECHO))
    (event,) = events_of(frames.error(ApiError(503, code, "Why.")))
    read = EVENT.validate_json(orjson.dumps(event), strict=True)
    assert list(differences(read, event, ABSENT | OURS | {"misalignment"})) == []


def test_what_has_no_value_and_may_not_be_null_is_left_out() -> None:
    response = response_fields(head(echo=ECHO), Progress("in_progress"))
    assert {"usage", "user"} & response.keys() == set()


def test_what_a_request_leaves_out_has_its_value() -> None:
    response = finished(head(echo=ECHO), Reply("Hi", "stop", USAGE))
    assert response["tools"] == [
        {"type": "function", "name": "weather", "description": None, "parameters": None, "strict": None}
    ]
    assert (response["temperature"], response["top_p"], response["reasoning"]) == (
        0.5,
        1.0,
        {"effort": "low", "summary": None},
    )
