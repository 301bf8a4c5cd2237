"""Calls, choices and texts of a chat are passed on by their documented fields and types: none of them holds an object
that a model server would read as a part, a tool or an address."""

import pytest

from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.domain.direct.upstream_body import model_body
from services.gateway.domain.errors import RequestRefused

ADDRESS = "http://169.254.169.254/latest"
IMAGE = [{"type": "image_url", "image_url": {"url": ADDRESS}}]
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CUSTOM = {"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}
CHOICE = {"type": "function", "function": {"name": "f"}}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [CHOICE]}}


def sent(*messages: object, **fields: object) -> dict[str, object]:
    asked = list(messages) or [{"role": "user", "content": "Hi"}]
    return model_body(CHAT.read({"model": "m", "messages": asked, **fields}), "m")


def refused(*messages: object, **fields: object) -> tuple[int, str | None]:
    with pytest.raises(RequestRefused) as caught:
        sent(*messages, **fields)
    return caught.value.error.status, caught.value.error.param


@pytest.mark.parametrize("name", ["refusal", "tool_call_id", "reasoning_content", "reasoning"])
@pytest.mark.parametrize("value", [IMAGE, {"image_url": ADDRESS}, 7])
def test_a_text_of_a_message_is_no_object(name: str, value: object) -> None:
    message = {"role": "assistant", "content": "x", name: value}
    assert refused(message) == (400, f"messages[0].{name}")


def test_texts_and_nulls_of_a_message_pass() -> None:
    message = {"role": "assistant", "content": None, "refusal": None, "reasoning_content": "Hm.", "tool_calls": [CALL]}
    assert sent(message)["messages"] == [message]


@pytest.mark.parametrize("kind", ["mcp", "web_search", 7, [], {}])
def test_a_call_of_a_tool_that_servers_run_is_rejected(kind: object) -> None:
    call = {"id": "c", "type": kind, "server_url": ADDRESS}
    if not kind:  # as absent: then it is a function, and has none
        assert refused({"role": "assistant", "tool_calls": [call]}) == (400, "messages[0].tool_calls[0].function")
    else:
        assert refused({"role": "assistant", "tool_calls": [call]}) == (400, "messages[0].tool_calls[0].type")


def test_calls_keep_their_documented_fields_and_those_that_servers_want_back() -> None:
    known = {**CALL, "extra_content": {"google": {"thought_signature": "s"}}}
    calls = [{**known, "server_url": ADDRESS}, {**CUSTOM, "url": ADDRESS}]
    message = {"role": "assistant", "content": "x"}
    assert sent({**message, "tool_calls": calls})["messages"] == [{**message, "tool_calls": [known, CUSTOM]}]


def test_an_old_function_call_keeps_its_documented_fields() -> None:
    call = {"name": "f", "arguments": "{}"}
    message = {"role": "assistant", "content": "x", "function_call": {**call, "url": ADDRESS}}
    body = sent(message, function_call={"name": "f", "url": ADDRESS})
    assert body["messages"] == [{**message, "function_call": call}]
    assert body["function_call"] == {"name": "f"}


@pytest.mark.parametrize("value", [IMAGE, 7])
def test_arguments_and_inputs_are_texts(value: object) -> None:
    for kind, name in (("function", "arguments"), ("custom", "input")):
        call = {"id": "c", "type": kind, kind: {"name": "f", name: value}}
        where = f"messages[0].tool_calls[0].{kind}.{name}"
        assert refused({"role": "assistant", "tool_calls": [call]}) == (400, where)
    old = {"role": "assistant", "function_call": {"name": "f", "arguments": value}}
    assert refused(old) == (400, "messages[0].function_call.arguments")


def test_an_object_of_arguments_becomes_its_text() -> None:
    call = {**CALL, "function": {"name": "f", "arguments": {"image_url": ADDRESS}}}
    text = {**CALL, "function": {"name": "f", "arguments": f'{{"image_url":"{ADDRESS}"}}'}}
    message = {"role": "assistant", "content": "x"}
    assert sent({**message, "tool_calls": [call]})["messages"] == [{**message, "tool_calls": [text]}]


@pytest.mark.parametrize("choice", ["auto", "required", CHOICE, ALLOWED, {"type": "custom", "custom": {"name": "f"}}])
def test_a_documented_choice_passes(choice: object) -> None:
    assert sent(tool_choice=choice)["tool_choice"] == choice


def test_a_choice_keeps_its_documented_fields() -> None:
    assert sent(tool_choice={**CHOICE, "server_url": ADDRESS})["tool_choice"] == CHOICE


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "mcp", "server_url": ADDRESS},
        {"type": "allowed_tools", "allowed_tools": {"tools": [{"type": "mcp", "server_url": ADDRESS}]}},
        {"type": "function", "function": {"name": {"url": ADDRESS}}},
        {"type": "function"},
        {},
    ],
)
def test_another_choice_is_rejected(choice: object) -> None:
    status, param = refused(tool_choice=choice)
    assert (status, (param or "").startswith("tool_choice")) == (400, True)


def test_a_predicted_output_is_text() -> None:
    parts = [{"type": "text", "text": "x"}]
    for content in ("x", parts):
        assert sent(prediction={"type": "content", "content": content, "url": ADDRESS})["prediction"] == {
            "type": "content",
            "content": content,
        }
    assert refused(prediction={"type": "content", "content": IMAGE}) == (400, "prediction.content[0].type")
    assert refused(prediction={"type": "content", "content": {"url": ADDRESS}}) == (400, "prediction.content")
    assert refused(prediction={"type": {"url": ADDRESS}, "content": "x"}) == (400, "prediction.type")


def test_a_spoken_answer_has_a_named_voice() -> None:
    for voice in ("alloy", {"id": "voice_1"}):
        assert sent(audio={"voice": voice, "format": "wav", "ref_audio": ADDRESS})["audio"] == {
            "voice": voice,
            "format": "wav",
        }
    for other in (ADDRESS, "/etc/passwd", {"id": ADDRESS}, 7):
        assert refused(audio={"voice": other}) == (400, "audio")
    assert refused(audio={"format": {}}) == (400, "audio")


@pytest.mark.parametrize("form", [{}, [], None, 7])
def test_a_format_of_audio_is_a_word(form: object) -> None:
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": form}}
    assert refused({"role": "user", "content": [part]}) == (400, "messages[0].content[0].input_audio.format")


def test_names_and_descriptions_of_tools_are_texts() -> None:
    tool = {"type": "function", "function": {"name": "f", "description": {"url": ADDRESS}}}
    assert refused(tools=[tool]) == (400, "tools[0].function.description")
    custom = {"type": "custom", "custom": {"name": "c", "format": {"type": "text", "url": ADDRESS}}}
    assert sent(tools=[custom])["tools"] == [{"type": "custom", "custom": {"name": "c", "format": {"type": "text"}}}]


def test_stream_options_are_flags() -> None:
    options = {"include_usage": True, "include_obfuscation": {"url": ADDRESS}}
    assert sent(stream=True, stream_options=options)["stream_options"] == {"include_usage": True}
