import json
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from openai.types.responses import Response

from services.gateway.dialects.responses.frames import ResponseFrames
from services.gateway.dialects.responses.shape import finished
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import Reply, ToolCall
from services.gateway.domain.streaming.resume import read_resume_point
from tests.support.dialects.outputs import RID, USAGE, Called, Told, answers, head, written
from tests.unit.services.gateway.dialects.test_completions import serving


def events(data: bytes) -> list[Any]:
    """Events, strictly: an event line, an id line, a data line."""
    found = []
    for event in data.decode().split("\n\n")[:-1]:
        name, line, fields = event.split("\n")
        told = json.loads(fields.removeprefix("data: "))
        assert name == f"event: {told['type']}"
        assert line.split("/")[:2] == [f"id: {RID}", str(told["sequence_number"])]
        found.append(told)
    return found


def read_by_the_sdk(data: bytes) -> Response:
    with serving(data) as client, client.responses.stream(model="m", input="Hi") as stream:
        return stream.get_final_response()


@settings(max_examples=60, deadline=None)
@given(answers(mixed=True))
def test_the_sdk_reads_what_was_written(told: Told) -> None:
    response = read_by_the_sdk(written(told, ResponseFrames(head())))
    calls = [(item.call_id, item.name, item.arguments) for item in response.output if item.type == "function_call"]
    thoughts = [part.text for item in response.output if item.type == "reasoning" for part in item.summary]
    assert response.output_text == told.text
    assert "".join(thoughts) == told.thoughts
    assert calls == [(call.id, call.name, "".join(call.arguments)) for call in told.calls]
    assert response.usage is not None
    assert (response.status, response.usage.total_tokens) == ("completed", 42)


@settings(max_examples=60, deadline=None)
@given(answers(mixed=True))
def test_every_item_is_added_and_done_at_an_index_of_its_own(told: Told) -> None:
    data = events(written(told, ResponseFrames(head())))
    items = [event for event in data if event["type"].startswith("response.output_item.")]
    begun, done = items[::2], items[1::2]
    assert {event["type"] for event in begun} <= {"response.output_item.added"}
    assert [(event["output_index"], event["item"]["id"]) for event in begun] == [
        (event["output_index"], event["item"]["id"]) for event in done
    ]
    assert [event["output_index"] for event in done] == [*range(len(done))]
    assert [event["item"] for event in done] == data[-1]["response"]["output"]
    assert len({event["item"]["id"] for event in done}) == len(done)


@settings(max_examples=60, deadline=None)
@given(answers(mixed=True))
def test_sequence_numbers_grow_and_stay_where_every_client_counts(told: Told) -> None:
    numbers = [event["sequence_number"] for event in events(written(told, ResponseFrames(head())))]
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= 0
    assert numbers[-1] < 2**53


def test_events_come_in_the_order_of_the_protocol() -> None:
    told = events(written(Told(["hm"], ["Hi"]), ResponseFrames(head())))
    assert [event["type"].removeprefix("response.") for event in told] == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]


def test_a_call_is_an_item_of_its_own() -> None:
    told = events(written(Told(calls=[Called("c", "weather", ('{"city":', '"Köln"}'))]), ResponseFrames(head())))
    assert [event["type"].removeprefix("response.") for event in told[2:-1]] == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ]
    assert told[-2]["item"]["arguments"] == '{"city":"Köln"}'


def kinds(data: bytes) -> list[str]:
    """Events of items and arguments, by short name."""
    names = (event["type"].removeprefix("response.") for event in events(data))
    return [name for name in names if name.startswith(("output_item", "function_call"))]


def test_a_call_with_whole_arguments_ends_before_what_is_said_next() -> None:
    frames = ResponseFrames(head())
    frames.tool_call(0, "c", "weather")
    frames.tool_arguments(0, "{}")
    assert kinds(frames.content("Calling.")) == [
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
    ]


def test_what_is_said_in_the_middle_of_arguments_waits_for_their_end() -> None:
    frames = ResponseFrames(head())
    frames.tool_call(0, "c", "weather")
    frames.tool_arguments(0, '{"city":')
    assert frames.content("Call") + frames.reasoning("hm") + frames.content("ing.") == b""
    assert kinds(frames.tool_arguments(0, '"Bonn"}')) == [
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "output_item.done",
        "output_item.added",
        "output_item.done",
        "output_item.added",
    ]


def test_thinking_again_is_an_item_of_its_own() -> None:
    frames = ResponseFrames(head())
    data = frames.opening() + frames.reasoning("A") + frames.content("hi") + frames.reasoning("B")
    response = read_by_the_sdk(data + frames.content("yo") + frames.ending("stop", USAGE))
    thoughts = [(item.id, item.summary[0].text) for item in response.output if item.type == "reasoning"]
    name = RID.partition("-")[2]
    assert thoughts == [(f"rs_{name}", "A"), (f"rs_{name}_1", "B")]


def test_thinking_again_after_a_resume_is_an_item_of_its_own() -> None:
    frames = ResponseFrames(head())
    before = events(frames.opening() + frames.reasoning("A") + frames.content("hi"))[-1]["sequence_number"]
    again = ResponseFrames(head(), read_resume_point(RID, str(before)))
    again.had("hi")
    (added,) = [each for each in events(again.reasoning("B")) if each["type"] == "response.output_item.added"]
    assert added["item"]["id"] == f"rs_{RID.partition('-')[2]}_1"


def statuses(data: bytes) -> list[tuple[str, str]]:
    """Kind and status of each item when it was done; the final response repeats them."""
    told = events(data)
    done = [event["item"] for event in told if event["type"] == "response.output_item.done"]
    assert told[-1]["response"]["output"] == done
    return [(item["type"], item["status"]) for item in done]


def test_the_text_that_is_cut_is_incomplete() -> None:
    frames = ResponseFrames(head())
    assert statuses(frames.content("Half") + frames.ending("length", USAGE)) == [("message", "incomplete")]


def test_the_call_that_is_cut_is_incomplete_and_what_came_before_is_not() -> None:
    frames = ResponseFrames(head())
    data = frames.content("Hi") + frames.tool_call(0, "a", "f") + frames.tool_arguments(0, "{}")
    data += frames.tool_call(1, "b", "g") + frames.tool_arguments(1, '{"x":')
    assert statuses(data + frames.ending("length", USAGE)) == [
        ("message", "completed"),
        ("function_call", "completed"),
        ("function_call", "incomplete"),
    ]


def test_a_call_that_is_whole_is_complete_where_the_answer_is_not() -> None:
    frames = ResponseFrames(head())
    data = frames.tool_call(0, "a", "f") + frames.tool_arguments(0, "{}") + frames.ending("length", USAGE)
    assert statuses(data) == [("function_call", "completed")]


@pytest.mark.parametrize("cut", ["text", "call"])
def test_an_answer_in_one_piece_says_the_same_of_its_items(cut: str) -> None:
    calls = [("a", "f", "{}"), ("b", "g", '{"x":')] if cut == "call" else []
    frames = ResponseFrames(head())
    data = frames.reasoning("hm") + frames.content("Hi")
    for index, (call_id, name, arguments) in enumerate(calls):
        data += frames.tool_call(index, call_id, name) + frames.tool_arguments(index, arguments)
    last = events(data + frames.ending("length", USAGE))[-1]
    reply = Reply("Hi", "length", USAGE, "hm", tuple(ToolCall(*call) for call in calls))
    assert finished(head(), reply) == last["response"]


def test_a_cut_answer_is_incomplete() -> None:
    frames = ResponseFrames(head())
    last = events(frames.opening() + frames.content("Half") + frames.ending("length", USAGE))[-1]
    assert (last["type"], last["response"]["status"]) == ("response.incomplete", "incomplete")
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


def test_a_failure_says_why() -> None:
    frames = ResponseFrames(head())
    last = events(frames.opening() + frames.error(ApiError(502, "model_refused", "It refused.", final=True)))[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    error = last["response"]["error"]
    assert (error["code"], error["type"], error["message"]) == ("server_error", "model_refused", "It refused.")


def test_what_the_request_said_is_said_again() -> None:
    frames = ResponseFrames(head(echo='{"metadata":{"a":"b"},"temperature":0.5}'))
    response = events(frames.opening())[0]["response"]
    assert (response["metadata"], response["temperature"], response["tools"]) == ({"a": "b"}, 0.5, [])


def test_silence_is_a_comment() -> None:
    assert ResponseFrames(head()).keep_alive().startswith(b":")


CASES = [(thoughts, cut) for thoughts in ([], ["hm"]) for cut in range(11 if thoughts else 8)]


@pytest.mark.parametrize("by_number", [True, False])
@pytest.mark.parametrize(("thoughts", "cut"), CASES)
def test_a_stream_goes_on_wherever_it_was_cut(thoughts: list[str], cut: int, *, by_number: bool) -> None:
    whole = written(Told(thoughts, ["One ", "two ", "three"]), ResponseFrames(head())).split(b"\n\n")[:-1]
    seen = b"\n\n".join(whole[: cut + 2]) + b"\n\n"
    last = events(seen)[-1]["sequence_number"]
    event_id = seen.decode().rstrip().split("\n")[-2].removeprefix("id: ")
    point = read_resume_point(RID, str(last) if by_number else event_id)
    frames = ResponseFrames(head(), point)
    text = "One two three"
    rest = b""
    if point.characters:
        frames.had(text[: point.characters])
    if text[point.characters :]:
        rest = frames.content(text[point.characters :])
    rest += frames.ending("stop", USAGE)
    response = read_by_the_sdk(seen + rest)
    assert (response.output_text, response.status) == (text, "completed")
    numbers = [event["sequence_number"] for event in events(seen + rest)]
    assert numbers == sorted(set(numbers))


def test_an_error_right_after_a_resume_has_a_later_number() -> None:
    frames = ResponseFrames(head())
    before = events(frames.opening() + frames.content("One"))[-1]["sequence_number"]
    again = ResponseFrames(head(), read_resume_point(RID, str(before)))
    assert events(again.error(ApiError(504, "deadline_exceeded", "Late.", final=True)))[0]["sequence_number"] > before


def test_a_failed_stream_is_no_exception_of_the_sdk_but_a_failed_response() -> None:
    frames = ResponseFrames(head())
    data = frames.opening() + frames.error(ApiError(502, "model_refused", "No.", final=True))
    with serving(data) as client:
        last = list(client.responses.create(model="m", input="Hi", stream=True))[-1]
    assert isinstance(last, openai.types.responses.ResponseFailedEvent)


def test_a_stream_that_ends_before_its_response_says_so() -> None:
    frames = ResponseFrames(head())
    last = events(frames.opening() + frames.error(ApiError(503, "stopping", "Take it up again.")))[-1]
    assert (last["type"], last["code"], last["message"]) == ("error", "stopping", "Take it up again.")
