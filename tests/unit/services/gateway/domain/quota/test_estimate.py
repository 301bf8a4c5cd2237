"""Estimated usage of a request before any count."""

import json

import pytest

from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.question.estimate import IMAGE_TOKENS, request_tokens
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.quota import ANSWER_TOKENS, FLEET_CALLS, estimated_tokens, prompt_characters

LONG = "x" * 100_000
TOOL = {"type": "function", "function": {"name": "f", "description": LONG, "parameters": {"type": "object"}}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": LONG}}
HI = {"role": "user", "content": "12345678"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + LONG}}


def characters(*messages: dict[str, object], **fields: object) -> int:
    return prompt_characters({"model": "m", "messages": [HI, *messages], **fields})


def tokens(*, fleet: bool = False, **fields: object) -> int:
    raw: dict[str, object] = {"model": "m", "messages": [HI], **fields}
    return estimated_tokens(InferenceRequest(read_chat_body(raw), raw), prompt_characters(raw), fleet=fleet)


def test_a_text_has_its_characters() -> None:
    assert characters() == 8
    assert characters({"role": "user", "content": [{"type": "text", "text": "1234"}]}) == 12


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [TOOL]},
        {"functions": [TOOL["function"]]},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"title": LONG}}}},
        {"documents": [{"text": LONG}]},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_a_body_brings_besides_its_messages_counts_once_by_its_json(fields: dict[str, object]) -> None:
    (brought,) = fields.values()
    assert characters(**fields) == 8 + len(json.dumps(brought, separators=(",", ":")))


@pytest.mark.parametrize(
    "fields",
    [{"content": None, "tool_calls": [CALL]}, {"tool_calls": [CALL]}, {"content": "", "function_call": CALL}],
    ids=["calls", "nothing-but-calls", "function-call"],
)
def test_calls_of_an_earlier_turn_count(fields: dict[str, object]) -> None:
    assert characters({"role": "assistant", **fields}) > len(LONG)


def test_a_part_that_is_a_refusal_has_its_characters() -> None:
    part = {"type": "refusal", "refusal": LONG}
    assert characters({"role": "assistant", "content": [part]}) == 8 + len(LONG)
    assert request_tokens({"messages": [{"role": "assistant", "content": [part]}]}) > len(LONG) / 8


def test_thoughts_that_come_back_count() -> None:
    assert characters({"role": "assistant", "content": "a", "reasoning_content": LONG}) == 9 + len(LONG)


@pytest.mark.parametrize("name", ["metadata", "stream_options", "stop"])
def test_what_no_model_reads_does_not_count(name: str) -> None:
    assert characters(**{name: {"a": LONG}}) == 8


@pytest.mark.parametrize("extra", [{}, {"text": "ab"}], ids=["alone", "with-text"])
def test_an_image_counts_the_same_however_large_it_is(extra: dict[str, object]) -> None:
    part: dict[str, object] = {**PICTURE, **extra}
    assert characters({"role": "user", "content": [part]}) == 8 + 4 * IMAGE_TOKENS + 2 * len(extra)


def test_an_answer_may_be_as_long_as_the_larger_limit_allows() -> None:
    prompt = 3  # two of text, and one for the message
    assert tokens() == prompt + ANSWER_TOKENS
    assert tokens(max_tokens=10) == prompt + 10
    assert tokens(max_tokens=10, max_completion_tokens=500) == prompt + 500
    assert tokens(max_tokens=500, max_completion_tokens=10) == prompt + 500


@pytest.mark.parametrize(("n", "answers"), [(None, 1), (1, 1), (8, 8)])
def test_each_answer_that_is_asked_for_counts(n: int | None, answers: int) -> None:
    assert tokens(n=n, max_tokens=10) == 3 + 10 * answers


def test_the_fleet_makes_several_calls() -> None:
    assert tokens(fleet=True) == FLEET_CALLS * tokens()


def test_no_more_is_reserved_than_an_operator_lets_be_written() -> None:
    raw: dict[str, object] = {"model": "m", "messages": [HI], "max_tokens": 2**31 - 1, "n": 8}
    assert estimated_tokens(InferenceRequest(read_chat_body(raw), raw), 0, fleet=False, most=100) == 1 + 8 * 100
