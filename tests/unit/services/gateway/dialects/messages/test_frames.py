import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from hypothesis import given, settings

from services.gateway.dialects.call_queue import Spoken
from services.gateway.dialects.messages.frames import MessageFrames
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.resume import ResumePoint, read_resume_point
from tests.support.dialects.outputs import RID, USAGE, Called, Told, answers, head, written

if TYPE_CHECKING:  # loading it takes 40 MB and a second, which the processes that run other files do without
    from anthropic import Anthropic
    from anthropic.types import Message

THINKS = '{"thinking":true}'


def frames_of() -> MessageFrames:
    return MessageFrames(head(echo=THINKS))


def events(data: bytes) -> list[tuple[str, Any]]:
    """Events as name and data, strictly: an event line, an id line unless it is a ping, a data line."""
    found = []
    for event in data.decode().split("\n\n")[:-1]:
        lines = event.split("\n")
        fields = json.loads(lines[-1].removeprefix("data: "))
        assert lines[0] == f"event: {fields['type']}"
        assert fields["type"] == "ping" or lines[1].startswith(f"id: {RID}/")
        found.append((fields["type"], fields))
    return found


def ids(data: bytes) -> list[str]:
    return [line.removeprefix("id: ") for line in data.decode().split("\n") if line.startswith("id: ")]


def serving(data: bytes) -> "Anthropic":
    """Official SDK; it reads `data` for every request."""
    from anthropic import Anthropic

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=data)

    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return Anthropic(api_key="k", http_client=client, max_retries=0)


def read_by_the_sdk(data: bytes) -> "Message":
    with (
        serving(data) as client,
        client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]) as stream,
    ):
        return stream.get_final_message()


@settings(max_examples=60, deadline=None)
@given(answers(mixed=True))
def test_the_sdk_reads_what_was_written(told: Told) -> None:
    message = read_by_the_sdk(written(told, MessageFrames(head(echo=THINKS))))
    texts = [block.text for block in message.content if block.type == "text"]
    thoughts = [block.thinking for block in message.content if block.type == "thinking"]
    calls = [(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"]
    assert "".join(texts) == told.text
    assert "".join(thoughts) == told.thoughts
    assert calls == [(call.id, call.name, json.loads("".join(call.arguments))) for call in told.calls]
    assert message.stop_reason == ("tool_use" if told.calls else "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (30, 12)


@settings(max_examples=60, deadline=None)
@given(answers(mixed=True))
def test_one_block_is_open_at_a_time_and_indexes_count_from_0(told: Told) -> None:
    is_open, index = False, -1
    for name, fields in events(written(told, MessageFrames(head(echo=THINKS)))):
        if name == "content_block_start":
            assert not is_open
            is_open, index = True, index + 1
        if name.startswith("content_block"):
            assert is_open
            assert fields["index"] == index
        if name == "content_block_stop":
            is_open = False
    assert not is_open


def test_events_come_in_the_order_of_the_protocol() -> None:
    names = [name for name, _ in events(written(Told(["hm"], ["Hello", " you"]), MessageFrames(head(echo=THINKS))))]
    assert names == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_a_block_of_thinking_ends_with_a_signature() -> None:
    told = events(written(Told(["hm"], ["Hello"]), MessageFrames(head(echo=THINKS))))
    deltas = [fields["delta"]["type"] for name, fields in told if name == "content_block_delta"]
    assert deltas == ["thinking_delta", "signature_delta", "text_delta"]


@pytest.mark.parametrize("between", ["content", "reasoning"])
def test_a_call_keeps_its_input_whatever_is_said_in_its_middle(between: Spoken) -> None:
    called = Called("c", "weather", ('{"city":', '"Bonn"}'))
    message = read_by_the_sdk(written(Told(calls=[called], between=[("content", ""), (between, "\n")]), frames_of()))
    assert [block.type for block in message.content] == ["tool_use", "text" if between == "content" else "thinking"]
    assert getattr(message.content[0], "input", None) == {"city": "Bonn"}


def test_a_call_with_a_whole_input_ends_before_what_is_said_next() -> None:
    frames = frames_of()
    frames.tool_call(0, "c", "weather")
    frames.tool_arguments(0, "{}")
    assert [name for name, _ in events(frames.content("Calling."))] == [
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
    ]


def test_who_did_not_ask_for_thinking_gets_none() -> None:
    message = read_by_the_sdk(written(Told(["hm"], ["Hello"]), MessageFrames(head())))
    assert [block.type for block in message.content] == ["text"]


def test_numbers_of_events_grow() -> None:
    data = written(Told(["a", "b"], ["c", "d"], [Called("x", "f", ("{}",))]), MessageFrames(head(echo=THINKS)))
    numbers = [int(each.split("/")[1]) for each in ids(data)]
    assert numbers == sorted(set(numbers))


def test_usage_is_cumulative_and_names_caches() -> None:
    (delta,) = [
        fields for name, fields in events(written(Told((), ["x"]), MessageFrames(head()))) if name == "message_delta"
    ]
    assert delta["usage"] == {
        "input_tokens": 30,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 12,
        "output_tokens_details": None,
        "server_tool_use": None,
    }


def test_an_error_raises_in_the_sdk() -> None:
    from anthropic import APIStatusError

    frames = MessageFrames(head())
    data = frames.opening() + frames.content("Half") + frames.error(ApiError(503, "overloaded", "Later."))
    assert events(data)[-1][1] == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Later."},
        "request_id": RID,
    }
    with pytest.raises(APIStatusError, match="Later"):
        read_by_the_sdk(data)


def test_a_ping_keeps_it_alive_and_has_no_id() -> None:
    assert MessageFrames(head()).keep_alive() == b'event: ping\ndata: {"type": "ping"}\n\n'


@pytest.mark.parametrize("thoughts", [[], ["hm"]])
@pytest.mark.parametrize("cut", range(5))
def test_a_stream_that_is_taken_up_again_has_the_same_blocks(thoughts: list[str], cut: int) -> None:
    whole = written(Told(thoughts, ["One ", "two ", "three"]), MessageFrames(head(echo=THINKS)))
    every = whole.split(b"\n\n")[:-1]
    numbered = [position for position, event in enumerate(every) if b"\nid: " in event]
    seen = every[: numbered[cut] + 1]
    point = read_resume_point(RID, ids(b"\n\n".join(seen) + b"\n\n")[-1])
    rest = resumed(point, "One two three"[point.characters :])
    message = read_by_the_sdk(b"\n\n".join(seen) + b"\n\n" + rest)
    assert [block.text for block in message.content if block.type == "text"] == ["One two three"]
    assert message.stop_reason == "end_turn"


def resumed(point: ResumePoint, rest: str) -> bytes:
    frames = MessageFrames(head(echo=THINKS), point)
    return (frames.content(rest) if rest else b"") + frames.ending("stop", USAGE)
