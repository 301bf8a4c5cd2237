"""Sent requests, and the fields read from an answer."""

import orjson
import pytest

from libs.adapters.models.openai_chat.dialect import ServerCapabilities, simpler
from libs.adapters.models.openai_chat.wire import (
    content_text,
    estimated_usage,
    finish_reason,
    first_choice,
    is_strict,
    reported_usage,
    request_body,
)
from libs.contracts.staffing import ModelRef
from libs.ports.llm import ChatMessage, ModelRequest, TokenUsage

CLOSED = {
    "title": "Plan",
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
PLAIN = ModelRequest(ModelRef(model="m", server="s"), (ChatMessage("user", "hi"),), timeout_s=1.0)
FULL = ModelRequest(
    ModelRef(model="m", server="s"),
    (ChatMessage("system", "be brief"), ChatMessage("user", "hi")),
    timeout_s=1.0,
    max_tokens=7,
    temperature=0.0,
    json_schema=CLOSED,
)


def sent(request: ModelRequest, dialect: ServerCapabilities | None = None, *, stream: bool = True) -> dict[str, object]:
    body: dict[str, object] = orjson.loads(request_body(request, dialect or ServerCapabilities(), stream=stream))
    return body


def test_only_what_was_asked_for_is_sent() -> None:
    assert sent(PLAIN, ServerCapabilities(stream_usage=False)) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
    }


def test_a_whole_reply_is_asked_for_without_what_only_streams_know() -> None:
    body = sent(PLAIN, stream=False)

    assert body["stream"] is False
    assert "stream_options" not in body


def test_usage_is_asked_for() -> None:
    assert sent(PLAIN)["stream_options"] == {"include_usage": True}


def test_limits_and_schema_travel() -> None:
    body = sent(FULL)

    assert body["max_tokens"] == 7
    assert body["temperature"] == 0.0
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "plan", "strict": True, "schema": CLOSED},
    }


def test_a_simpler_dialect_sends_less() -> None:
    body = sent(FULL, ServerCapabilities(output="json_object", limit_field="max_completion_tokens", temperature=False))

    assert body["response_format"] == {"type": "json_object"}
    assert body["max_completion_tokens"] == 7
    assert not {"max_tokens", "temperature"} & body.keys()
    assert "response_format" not in sent(FULL, ServerCapabilities(output="plain"))


@pytest.mark.parametrize(
    ("title", "name"),
    [("Plan", "plan"), ("A plan (v2)", "a_plan_v2_"), ("", "answer"), ("ü", "_"), ("x" * 99, "x" * 64)],
)
def test_the_title_names_the_schema_within_the_protocols_alphabet(title: str, name: str) -> None:
    request = ModelRequest(PLAIN.ref, PLAIN.messages, 1.0, json_schema={"title": title})

    assert sent(request)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": {"title": title}},
    }


def test_strict_needs_closed_objects_with_every_property_required() -> None:
    assert is_strict(CLOSED)
    assert not is_strict({**CLOSED, "additionalProperties": True})
    assert not is_strict({**CLOSED, "required": []})
    assert not is_strict({"type": "array", "items": {"properties": {"a": {}}}})
    assert not is_strict({"anyOf": [CLOSED, {"properties": {"a": {}}}]})


def test_an_objection_costs_one_feature_after_the_other() -> None:
    dialect, steps = ServerCapabilities(), []
    while (less := simpler(dialect, FULL, "something is wrong")) is not None:
        dialect = less
        steps.append(dialect.output)

    assert steps == ["json_object", "plain"]


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        (
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.",
            ServerCapabilities(limit_field="max_completion_tokens"),
        ),
        ("extra_forbidden: stream_options", ServerCapabilities(stream_usage=False)),
        ("Unsupported value: 'temperature' does not support 0", ServerCapabilities(temperature=False)),
        ("temperature must be at most 2", ServerCapabilities(output="json_object")),
        ("response_format.type json_schema is unknown", ServerCapabilities(output="json_object")),
    ],
)
def test_the_complaint_tells_what_to_give_up(complaint: str, expected: ServerCapabilities) -> None:
    assert simpler(ServerCapabilities(), FULL, complaint) == expected


def test_nothing_is_given_up_that_was_not_asked_for() -> None:
    assert (
        simpler(ServerCapabilities(stream_usage=False), PLAIN, "unsupported temperature, max_completion_tokens") is None
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("hi", "hi"),
        (None, ""),
        (7, ""),
        ([{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "hi"}, "x", {"type": "text"}], "hi"),
    ],
)
def test_content_is_text_or_text_parts(content: object, text: str) -> None:
    assert content_text(content) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [(None, None), ("", None), ("stop", "stop"), ("length", "length"), ("max_tokens", "length"), ("eos", "stop"),
     ("content_filter", "content_filter")],
)  # fmt: skip
def test_finish_reasons_are_the_ports_words(value: object, reason: str | None) -> None:
    assert finish_reason(value) == reason


def test_only_the_first_choice_counts() -> None:
    assert first_choice({"choices": [{"index": 1, "x": 1}, {"index": 0, "x": 2}]}) == {"index": 0, "x": 2}
    assert first_choice({"choices": [{"x": 3}]}) == {"x": 3}
    assert first_choice({}) == {}
    for nothing in (None, [], ["x"]):
        assert first_choice({"choices": nothing}) == {}


def test_usage_is_what_the_server_counted_or_an_estimate_that_says_so() -> None:
    assert reported_usage({"prompt_tokens": 3, "completion_tokens": 4}) == TokenUsage(3, 4)
    assert reported_usage({"prompt_tokens": 3}) == TokenUsage(3, 0)
    for unusable in (None, {}, {"prompt_tokens": "3"}, {"prompt_tokens": 0, "completion_tokens": 0}):
        assert reported_usage(unusable) is None
    assert estimated_usage((ChatMessage("user", "12345"),), 4) == TokenUsage(2, 1, estimated=True)
