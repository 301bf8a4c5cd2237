import json
from dataclasses import dataclass

import pytest

from libs.contracts.question import Question, Turn
from libs.runtime.settings.static_keys import owner_of
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.domain.body.json import read_json
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.domain.question.fleet_question import Limits
from services.gateway.domain.routing.decide import ToFleet, decide

USER = {"role": "user", "content": "What is 2+2?"}


def body(**fields: object) -> bytes:
    return json.dumps({"model": "moe-orchestrator", "messages": [USER], **fields}).encode()


@dataclass(frozen=True)
class ChatRequest:
    model: str
    question: Question
    stream: bool
    include_usage: bool
    user: str


def read(**fields: object) -> ChatRequest:
    return read_chat_request(body(**fields), Limits())


def read_chat_request(raw: bytes, limits: Limits) -> ChatRequest:
    ask = CHAT.read(read_json(raw))
    decision = decide(ask, owner_of("default"), limits)
    assert isinstance(decision, ToFleet)
    return ChatRequest(decision.model, decision.question, ask.stream, ask.include_usage, ask.chat.user or "")


def refusal(raw: bytes) -> ApiError:
    with pytest.raises(RequestRefused) as caught:
        read_chat_request(raw, Limits())
    return caught.value.error


def test_the_smallest_request() -> None:
    request = read()
    assert request.question.text == "What is 2+2?"
    assert (request.model, request.stream, request.include_usage) == ("moe-orchestrator", False, False)
    assert (request.question.mode, request.question.language) == ("default", "en")
    assert (request.question.max_tokens, request.question.temperature) == (None, None)


@pytest.mark.parametrize(
    ("model", "mode"),
    [("moe-orchestrator", "default"), ("moe-orchestrator-code", "code"), ("moe-orchestrator-concise", "concise")],
)
def test_the_model_names_the_mode(model: str, mode: str) -> None:
    assert read(model=model).question.mode == mode


def test_an_unknown_model_is_a_404() -> None:
    error = refusal(body(model="gpt-4o"))
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")


def test_a_german_question_is_recognised() -> None:
    assert read(messages=[{"role": "user", "content": "Warum ist der Himmel blau?"}]).question.language == "de"


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_both_names_of_the_token_limit_are_honoured(field: str) -> None:
    assert read(**{field: 12}).question.max_tokens == 12


def test_token_limits_that_contradict_each_other_are_refused() -> None:
    assert read(max_tokens=5, max_completion_tokens=5).question.max_tokens == 5
    assert refusal(body(max_tokens=5, max_completion_tokens=6)).param == "max_tokens"


def test_usage_in_the_stream_is_asked_for() -> None:
    assert read(stream=True, stream_options={"include_usage": True}).include_usage
    assert not read(stream=True, stream_options={}).include_usage


def test_explicit_nulls_and_neutral_values_are_the_same_as_nothing() -> None:
    neutral: dict[str, object] = {
        "n": 1,
        "stop": None,
        "tools": [],
        "tool_choice": "auto",
        "logprobs": False,
        "top_p": 1,
        "presence_penalty": 0,
        "frequency_penalty": 0.0,
        "logit_bias": {},
        "response_format": {"type": "text"},
        "stream": None,
        "stream_options": None,
        "max_tokens": None,
        "temperature": None,
    }
    assert read(**neutral) == read()


def test_the_person_whom_the_client_names_is_kept() -> None:
    assert (read(user="anna").user, read().user) == ("anna", "")


def test_unknown_fields_and_hints_are_ignored() -> None:
    hints = {"seed": 7, "metadata": {"a": "b"}, "store": False, "reasoning_effort": "low", "top_k": 40}
    assert read(**hints, chat_id={"deep": [1, 2]}) == read()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 2),
        ("stop", "END"),
        ("stop", ["a", "b"]),
        ("tools", [{"type": "function", "function": {"name": "f"}}]),
        ("functions", [{"name": "f"}]),
        ("tool_choice", "required"),
        ("logprobs", True),
        ("top_logprobs", 3),
        ("logit_bias", {"50256": -100}),
        ("top_p", 0.9),
        ("presence_penalty", 0.5),
        ("frequency_penalty", -0.5),
        ("response_format", {"type": "json_object"}),
        ("response_format", {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}),
        ("modalities", ["text", "audio"]),
        ("audio", {"voice": "alloy"}),
        ("web_search_options", {}),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(field: str, value: object) -> None:
    error = refusal(body(**{field: value}))
    assert (error.status, error.code, error.param) == (400, "unsupported_parameter", field)
    assert field in error.message


def test_the_fleet_says_why_it_calls_no_tools() -> None:
    assert (
        "the fleet does not call tools"
        in refusal(body(tools=[{"type": "function", "function": {"name": "f"}}])).message
    )


@pytest.mark.parametrize(
    ("field", "value", "param"),
    [
        ("model", 7, "model"),
        ("model", None, "model"),
        ("messages", [], "messages"),
        ("messages", "hi", "messages"),
        ("messages", None, "messages"),
        ("messages", [7], "messages[0]"),
        ("messages", [{"content": "x"}], "messages[0].role"),
        ("messages", [{"role": 1, "content": "x"}], "messages[0].role"),
        ("messages", [{"role": "user", "content": 7}], "messages[0].content"),
        ("messages", [{"role": "user", "content": {"a": 1}}], "messages[0].content"),
        ("messages", [{"role": "user", "content": ["x"]}], "messages[0].content[0]"),
        ("messages", [{"role": "user", "content": [{"text": "x"}]}], "messages[0].content[0].type"),
        ("stream", "yes", "stream"),
        ("stream", 1, "stream"),
        ("stream_options", 5, "stream_options"),
        ("temperature", "hot", "temperature"),
        ("temperature", -0.1, "temperature"),
        ("temperature", 2.1, "temperature"),
        ("temperature", True, "temperature"),
        ("max_tokens", -1, "max_tokens"),
        ("max_tokens", 0, "max_tokens"),
        ("max_tokens", 1.5, "max_tokens"),
        ("max_tokens", 10**30, "max_tokens"),
        ("max_tokens", True, "max_tokens"),
        ("max_completion_tokens", -5, "max_completion_tokens"),
        ("n", "1", "n"),
        ("n", True, "n"),
        ("seed", "x", "seed"),
        ("user", 5, "user"),
        ("logit_bias", [1], "logit_bias"),
    ],
)
def test_wrong_types_and_values_are_refused_by_path(field: str, value: object, param: str) -> None:
    error = refusal(body(**{field: value}))
    assert (error.status, error.code, error.param) == (400, "invalid_value", param)
    assert "pydantic" not in error.message.lower()


@pytest.mark.parametrize("raw", [b"[]", b"7", b'"x"', b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(raw: bytes) -> None:
    assert refusal(raw).status == 400


def test_stream_options_need_stream() -> None:
    assert refusal(body(stream_options={"include_usage": True})).param == "stream_options"
    assert refusal(body(stream=False, stream_options={})).param == "stream_options"


def test_a_question_larger_than_a_record_is_refused() -> None:
    error = refusal(body(messages=[{"role": "user", "content": "x" * 400_001}]))
    assert (error.status, error.code) == (400, "context_length_exceeded")


def test_size_is_counted_as_it_travels() -> None:
    error = refusal(body(messages=[{"role": "user", "content": "\x01" * 80_000}]))
    assert error.code == "context_length_exceeded"


def test_old_turns_and_system_messages_travel_with_the_question() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
        {"role": "developer", "content": "Use SI units."},
        {"role": "user", "content": [{"type": "text", "text": "How far"}, {"type": "text", "text": "is the moon?"}]},
    ]
    question = read(messages=messages).question
    assert question.text == "How far\nis the moon?"
    assert question.instructions == "Be brief.\n\nUse SI units."
    assert question.history == (Turn(speaker="user", text="Hi"), Turn(speaker="assistant", text="Hello"))
