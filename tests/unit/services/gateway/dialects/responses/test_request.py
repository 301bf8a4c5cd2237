import json
from typing import Any

import pytest

from libs.contracts.question import Question, Turn
from services.gateway.dialects.naming import error_in
from services.gateway.dialects.responses.dialect import RESPONSES
from services.gateway.dialects.responses.request import MAX_ECHO_BYTES
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.domain.question.previous_response import prepend_response

WEATHER = {"type": "function", "name": "weather", "description": "Tells it.", "parameters": {"type": "object"}}


def ask(given: object = "Hi", **fields: object) -> Any:  # noqa: ANN401 - read as JSON
    return RESPONSES.read({"model": "m", "input": given, **fields})


def test_a_string_is_a_question_under_its_instructions() -> None:
    assert ask("Why?", instructions="Be brief.").raw["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
    ]


def test_items_are_turns() -> None:
    items = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "Why?"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "So.", "annotations": []}],
        },
        {"type": "message", "role": "user", "content": "And?"},
    ]
    assert ask(items).raw["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "So."},
        {"role": "user", "content": "And?"},
    ]


def test_calls_and_their_outputs_are_turns_of_one_assistant() -> None:
    items = [
        {"role": "user", "content": "Weather?"},
        {"type": "function_call", "call_id": "a", "name": "weather", "arguments": '{"city":"Köln"}'},
        {"type": "function_call", "call_id": "b", "name": "weather", "arguments": '{"city":"Bonn"}'},
        {"type": "function_call_output", "call_id": "a", "output": "Rain"},
        {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "Sun"}]},
    ]
    messages = ask(items, tools=[WEATHER]).raw["messages"]
    assert [call["id"] for call in messages[1]["tool_calls"]] == ["a", "b"]
    assert messages[2:] == [
        {"role": "tool", "tool_call_id": "a", "content": "Rain"},
        {"role": "tool", "tool_call_id": "b", "content": "Sun"},
    ]


def test_images_of_outputs_follow_all_outputs() -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0K"}
    items = [
        *({"type": "function_call", "call_id": each, "name": "weather", "arguments": "{}"} for each in ("a", "b")),
        *({"type": "function_call_output", "call_id": each, "output": [image]} for each in ("a", "b")),
    ]
    assert [message["role"] for message in ask(items).raw["messages"]] == ["assistant", "tool", "tool", "user"]


def test_an_image_is_an_image_part() -> None:
    part = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0K", "detail": "auto"}
    (message,) = ask([{"role": "user", "content": [part]}]).raw["messages"]
    assert message["content"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0K"}}]


def test_how_closely_to_look_at_an_image_is_passed_on() -> None:
    part = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0K", "detail": "low"}
    (message,) = ask([{"role": "user", "content": [part]}]).raw["messages"]
    assert message["content"][0]["image_url"]["detail"] == "low"


@pytest.mark.parametrize(
    ("reasoning", "effort"), [({"effort": "high", "summary": "auto"}, "high"), ({}, None), (None, None)]
)
def test_how_hard_to_think_is_passed_on(reasoning: object, effort: str | None) -> None:
    assert ask(reasoning=reasoning).raw.get("reasoning_effort") == effort


def test_what_is_included_elsewhere_is_no_complaint() -> None:
    assert ask(include=["reasoning.encrypted_content"], top_logprobs=0).raw["messages"] == ask().raw["messages"]


def test_a_flat_tool_is_a_nested_one_in_a_chat() -> None:
    (tool,) = ask(tools=[WEATHER]).raw["tools"]
    function = {"name": "weather", "description": "Tells it.", "parameters": {"type": "object"}}
    assert tool == {"type": "function", "function": function}


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("required", "required"),
        ({"type": "function", "name": "weather"}, {"type": "function", "function": {"name": "weather"}}),
    ],
)
def test_a_choice_of_tools_has_its_word(choice: object, told: object) -> None:
    assert ask(tools=[WEATHER], tool_choice=choice).raw["tool_choice"] == told


def test_a_format_is_a_response_format() -> None:
    schema = {"type": "object"}
    form = {"type": "json_schema", "name": "city", "schema": schema, "strict": True}
    described = {"name": "city", "schema": schema, "strict": True}
    assert ask(text={"format": form}).raw["response_format"] == {"type": "json_schema", "json_schema": described}
    assert "response_format" not in ask(text={"format": {"type": "text"}}).raw


def test_wishes_keep_their_meaning() -> None:
    read = ask(max_output_tokens=9, temperature=0.2, user="ada", stream=True, background=True)
    told = {name: read.raw.get(name) for name in ("max_tokens", "temperature", "user")}
    assert told == {"max_tokens": 9, "temperature": 0.2, "user": "ada"}
    assert (read.stream, read.background, read.previous) == (True, True, "")


def test_answers_say_again_what_was_asked() -> None:
    told = json.loads(ask(metadata={"a": "b"}, instructions="Be brief.", tools=[WEATHER], include=["x"]).echo)
    assert told == {"metadata": {"a": "b"}, "instructions": "Be brief.", "tools": [WEATHER]}


def test_what_is_too_long_is_not_said_again() -> None:
    told = json.loads(ask(metadata={"a": "b"}, instructions="x" * MAX_ECHO_BYTES).echo)
    assert told == {"metadata": {"a": "b"}}


def test_a_conversation_goes_on_behind_its_own_instructions() -> None:
    earlier = Question(text="Q2", history=(Turn(speaker="user", text="Q1"), Turn(speaker="assistant", text="A1")))
    going = prepend_response(ask("Q3", instructions="New."), earlier, "A2")
    assert [message.content for message in going.chat.messages] == ["New.", "Q1", "A1", "Q2", "A2", "Q3"]
    assert [message["role"] for message in going.raw["messages"]] == [  # type: ignore[attr-defined]
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]


@pytest.mark.parametrize(
    ("given", "fields", "param"),
    [
        ([], {}, "input"),
        ("Hi", {"conversation": "conv_1"}, "conversation"),
        ("Hi", {"prompt": {"id": "p"}}, "prompt"),
        ("Hi", {"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ("Hi", {"tools": [{"type": "function"}]}, "tools[0].name"),
        ("Hi", {"tools": [WEATHER], "tool_choice": {"type": "mcp"}}, "tool_choice"),
        ("Hi", {"text": {"format": {"type": "yaml"}}}, "text.format"),
        ("Hi", {"background": True, "store": False}, "store"),
        ("Hi", {"metadata": {"a": 1}}, "metadata.a"),
        ("Hi", {"reasoning": {"effort": 3}}, "reasoning.effort"),
        ("Hi", {"top_logprobs": 3}, "top_logprobs"),
        ("Hi", {"include": ["message.output_text.logprobs"]}, "include"),
        ([{"type": "item_reference", "id": "x"}], {}, "input[0].type"),
        ([{"role": "robot", "content": "a"}], {}, "input[0].role"),
        ([{"role": "user"}], {}, "input[0].content"),
        ([{"role": "user", "content": [{"type": "input_audio"}]}], {}, "input[0].content[0].type"),
        ([{"type": "function_call_output", "output": "x"}], {}, "input[0].call_id"),
    ],
)
def test_a_refusal_names_the_field(given: object, fields: dict[str, object], param: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        ask(given, **fields)
    assert (caught.value.error.status, caught.value.error.param) == (400, param)


@pytest.mark.parametrize(
    ("field", "own"),
    [
        ("messages[0].content", "input"),
        ("max_tokens", "max_output_tokens"),
        ("response_format", "text.format"),
        ("reasoning_effort", "reasoning.effort"),
    ],
)
def test_a_model_server_s_error_names_the_field_of_the_request(field: str, own: str) -> None:
    error = error_in(ApiError(400, "invalid_value", f"`{field}` is not supported.", field), RESPONSES.names)
    assert (error.param, error.message) == (own, f"`{own}` is not supported.")
