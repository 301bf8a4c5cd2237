import json
from typing import Any

import httpx
import ollama
import pytest
from hypothesis import given, settings

from libs.testing.fake_clock import FakeClock
from services.gateway.dialects.ollama.answers import OllamaFrames, chat_piece, whole_answer
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.domain.streaming.reply import Reply, ReplyHead, ToolCall
from tests.support.dialects.outputs import RID, USAGE, Called, Told, answers, head, written

THINKS = '{"thinking":true}'


def serving(data: bytes) -> ollama.Client:
    """Ollama's own client; it reads `data` for every request."""
    return ollama.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=data)))


@settings(max_examples=60, deadline=None)
@given(answers())
def test_the_client_reads_what_was_written(told: Told) -> None:
    data = written(told, OLLAMA_CHAT.frames(head(echo=THINKS)))
    parts = list(serving(data).chat("m", [{"role": "user", "content": "Hi"}], stream=True))
    calls = [call for part in parts for call in part.message.tool_calls or []]
    assert "".join(part.message.content or "" for part in parts) == "".join(told.content)
    assert "".join(part.message.thinking or "" for part in parts) == "".join(told.reasoning)
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        (call.name, json.loads("".join(call.arguments))) for call in told.calls
    ]
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert (parts[-1].prompt_eval_count, parts[-1].eval_count) == (30, 12)


def test_generate_has_its_own_words() -> None:
    data = written(Told(["hm"], ["Hello", " you"]), OLLAMA_GENERATE.frames(head()))
    parts = list(serving(data).generate("m", "Hi", stream=True))
    assert ("".join(part.response or "" for part in parts), parts[-1].done_reason) == ("Hello you", "stop")
    assert not any(part.thinking for part in parts)


def test_durations_are_nanoseconds_since_it_was_accepted() -> None:
    clock = FakeClock(100.0)
    frames = OllamaFrames(ReplyHead(RID, "m", 90, accepted_at=90.5), chat_piece, clock)
    frames.content("Hi")
    clock.advance(2.0)
    last = json.loads(frames.ending("stop", USAGE))
    times = [last[f"{name}_duration"] for name in ("total", "prompt_eval", "eval", "load")]
    assert times == [11_500_000_000, 9_500_000_000, 2_000_000_000, 0]


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_durations_are_of_time_that_passed_although_the_clock_is_set(step_s: float) -> None:
    clock = FakeClock(100.0)
    frames = OllamaFrames(ReplyHead(RID, "m", 90, accepted_at=90.0), chat_piece, clock)
    clock.advance(1.0)
    frames.content("Hi")
    clock.step(step_s)
    clock.advance(2.0)
    last = json.loads(frames.ending("stop", USAGE))
    assert (last["total_duration"], last["eval_duration"]) == (13_000_000_000, 2_000_000_000)


def test_a_whole_answer_carries_its_calls() -> None:
    reply = Reply("", "tool_calls", USAGE, tool_calls=(ToolCall("c", "weather", '{"city":"Köln"}'),))
    told = serving(whole_answer(head(), reply, chat_piece, 1_700_000_001.0)).chat("m", stream=False)
    (call,) = told.message.tool_calls or []
    assert (call.function.name, call.function.arguments) == ("weather", {"city": "Köln"})


def test_an_error_in_a_stream_raises_in_the_client() -> None:
    frames = OLLAMA_CHAT.frames(head())
    data = frames.content("Half") + frames.error(ApiError(502, "model_refused", "It refused."))
    with pytest.raises(ollama.ResponseError, match="It refused"):
        list(serving(data).chat("m", stream=True))


def test_a_keep_alive_is_a_line_that_says_nothing() -> None:
    frames = OLLAMA_CHAT.frames(head())
    data = frames.keep_alive() + written(Told(content=["Hi"]), frames)
    assert [part.message.content for part in serving(data).chat("m", stream=True)] == ["", "Hi", ""]


def test_an_error_is_a_string() -> None:
    assert json.loads(OLLAMA_CHAT.error(ApiError(404, "model_not_found", "No."))) == {"error": "No."}


def raw(**fields: object) -> Any:  # noqa: ANN401 - a JSON value
    return OLLAMA_CHAT.read({"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}).raw


def test_a_stream_is_the_default() -> None:
    assert raw()["stream"] is True
    assert raw(stream=False)["stream"] is False


def test_the_tag_of_a_model_is_dropped() -> None:
    assert raw(model="moe-orchestrator:latest")["model"] == "moe-orchestrator"


def test_options_have_their_words() -> None:
    told = raw(options={"num_predict": 7, "temperature": 0.3, "stop": ["x"], "top_p": 0.9, "num_ctx": 4096})
    assert {name: told.get(name) for name in ("max_tokens", "temperature", "stop", "top_p", "num_ctx")} == {
        "max_tokens": 7,
        "temperature": 0.3,
        "stop": ["x"],
        "top_p": 0.9,
        "num_ctx": None,
    }


def test_hints_for_one_model_are_no_wish_that_a_fleet_would_refuse() -> None:
    ask = OLLAMA_CHAT.read({"model": "m", "messages": [{"role": "user", "content": "a"}], "options": {"top_p": 0.9}})
    assert ask.chat.top_p is None


def test_no_bound_is_no_bound() -> None:
    assert "max_tokens" not in raw(options={"num_predict": -1})


@pytest.mark.parametrize(
    ("wanted", "kind"), [("json", "json_object"), ({"type": "object"}, "json_schema"), ("", None), (None, None)]
)
def test_a_format_is_a_response_format(wanted: object, kind: str | None) -> None:
    assert raw(format=wanted).get("response_format", {}).get("type") == kind


def test_an_image_says_what_it_is() -> None:
    told = raw(messages=[{"role": "user", "content": "See", "images": ["/9j/AAAA"]}])
    assert told["messages"][0]["content"][1]["image_url"]["url"] == "data:image/jpeg;base64,/9j/AAAA"


def test_a_result_finds_the_call_of_its_tool() -> None:
    calls: list[object] = [{"function": {"name": name, "arguments": {}}} for name in ("one", "two")]
    told = raw(
        messages=[
            {"role": "user", "content": "Go"},
            {"role": "assistant", "content": "", "tool_calls": calls},
            {"role": "tool", "content": "second", "tool_name": "two"},
            {"role": "tool", "content": "first", "tool_name": "one"},
        ]
    )["messages"]
    ids = {call["function"]["name"]: call["id"] for call in told[1]["tool_calls"]}
    assert [(message["tool_call_id"], message["content"]) for message in told[2:]] == [
        (ids["two"], "second"),
        (ids["one"], "first"),
    ]


def test_a_prompt_is_a_question_and_its_system_an_instruction() -> None:
    told: Any = OLLAMA_GENERATE.read({"model": "m", "prompt": "Hi", "system": "Be brief."}).raw
    assert told["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]


@pytest.mark.parametrize("shown", [True, False, "high", None])
def test_thinking_is_shown_to_who_asks_for_it(shown: object) -> None:
    ask = OLLAMA_CHAT.read({"model": "m", "messages": [{"role": "user", "content": "a"}], "think": shown})
    assert bool(ask.echo) is bool(shown)


@pytest.mark.parametrize(("wanted", "effort"), [("high", "high"), ("low", "low"), (True, None), (False, None)])
def test_how_hard_to_think_is_passed_on(wanted: object, effort: str | None) -> None:
    assert raw(think=wanted).get("reasoning_effort") == effort


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"format": "xml"}, "format"),
        ({"messages": [{"role": "robot"}]}, "messages[0].role"),
        ({"messages": [{"role": "tool", "content": "x", "tool_name": "none"}]}, "messages[0].tool_name"),
        ({"options": {"temperature": "hot"}}, "options.temperature"),
        ({"options": {"num_predict": 0}}, "options.num_predict"),
    ],
)
def test_a_refusal_names_the_field(fields: dict[str, object], param: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        raw(**fields)
    assert (caught.value.error.status, caught.value.error.param) == (400, param)


@pytest.mark.parametrize(
    ("keep_alive", "reason"),
    [(None, "load"), ("5m", "load"), (-1, "load"), ("10s", "load"), (0, "unload"), ("0", "unload"), ("0s", "unload")],
)
def test_without_a_question_a_model_is_loaded_or_let_go(keep_alive: object, reason: str) -> None:
    fields = {"model": "m:latest", "keep_alive": keep_alive}
    chat, generated = (dialect.read(fields).at_once for dialect in (OLLAMA_CHAT, OLLAMA_GENERATE))
    loaded, also = json.loads(chat), json.loads(generated)
    assert (loaded["model"], loaded["done"], loaded["done_reason"]) == ("m", True, reason)
    assert loaded["message"] == {"role": "assistant", "content": ""}
    assert (also["response"], also["done_reason"]) == ("", reason)


def test_empty_messages_are_no_question_and_an_image_is_one() -> None:
    assert OLLAMA_CHAT.read({"model": "m", "messages": []}).at_once
    assert not OLLAMA_GENERATE.read({"model": "m", "prompt": "", "images": ["/9j/AAAA"]}).at_once


@pytest.mark.parametrize("field", ["suffix", "raw"])
def test_generate_refuses_what_a_chat_cannot_do(field: str) -> None:
    value: object = "x" if field == "suffix" else True
    with pytest.raises(RequestRefused, match=field):
        OLLAMA_GENERATE.read({"model": "m", "prompt": "a", field: value})


def test_calls_whose_pieces_are_mixed_come_whole() -> None:
    told = Told(calls=[Called("a", "one", ('{"x"', ":1}")), Called("b", "two", ('{"y"', ":2}"))], order=[0, 1, 0, 1])
    parts = list(serving(written(told, OLLAMA_CHAT.frames(head()))).chat("m", stream=True))
    calls = [call.function for part in parts for call in part.message.tool_calls or []]
    assert [(call.name, call.arguments) for call in calls] == [("one", {"x": 1}), ("two", {"y": 2})]
