"""A model's output is recorded as a read, and so is the error of a failed call."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from libs.adapters.models.read_recording_llm import ReadRecordingLLM
from libs.contracts.staffing import ModelRef
from libs.core.errors import FleetError
from libs.core.reads import Read, Scalar, parse_reads, recording_reads
from libs.ports.llm import (
    ChatMessage,
    Completion,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    StreamBroken,
    TextDelta,
)
from libs.ports.model_calls import prompt_sha256
from libs.testing.fake_llm import Answer, FakeLLM

REQUEST = ModelRequest(
    ModelRef(model="phi4:14b", server="local"), (ChatMessage("user", "Say something."),), timeout_s=5
)


async def _all_of(stream: AsyncIterator[TextDelta | Completion]) -> list[TextDelta | Completion]:
    return [piece async for piece in stream]


async def _streamed(*answers: Answer | str, stop_after: int = 100) -> Read:
    with recording_reads() as tape:
        seen = 0
        async with aclosing(ReadRecordingLLM(FakeLLM(*answers)).stream(REQUEST)) as pieces:
            async for _ in pieces:
                seen += 1
                if seen == stop_after:
                    break
    (read,) = parse_reads(tape.as_json())
    return read


async def test_a_whole_answer_is_kept_with_what_it_cost() -> None:
    with recording_reads() as tape:
        completion = await ReadRecordingLLM(FakeLLM("Fine.")).complete(REQUEST)
    (read,) = parse_reads(tape.as_json())
    assert completion.text == "Fine."
    assert read.kind == "model"
    assert read.values == {
        "model": "phi4:14b",
        "server": "local",
        "prompt": prompt_sha256(REQUEST),
        "finish": "stop",
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "estimated": False,
        "said_by": "phi4:14b",
        "duration_s": 0.25,
        "text": "Fine.",
    }


async def test_a_streamed_answer_is_kept_once() -> None:
    read = await _streamed("A text in several pieces.")
    assert read.values["text"] == "A text in several pieces."
    assert "whole" not in read.values
    assert "open" not in read.values


async def test_a_stream_that_nobody_reads_to_its_end_stays_open() -> None:
    read = await _streamed("A text in several pieces.", stop_after=1)
    assert (read.values["text"], read.values["open"]) == ("A text ", True)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            ModelUnavailable("away", retry_after_s=7.5),
            {"error": "ModelUnavailable", "code": "model_unavailable", "wait": 7.5},
        ),
        (ModelRefused("too long", code="context_length"), {"error": "ModelRefused", "code": "context_length"}),
        (StreamBroken("cut"), {"error": "StreamBroken", "code": "stream_broken", "text": "Half"}),
    ],
)
async def test_a_call_that_fails_leaves_its_error(error: FleetError, expected: dict[str, Scalar]) -> None:
    text = "Half" if isinstance(error, StreamBroken) else ""
    stream = ReadRecordingLLM(FakeLLM(Answer(text, error=error))).stream(REQUEST)
    with recording_reads() as tape, pytest.raises(type(error)):
        await _all_of(stream)
    (read,) = parse_reads(tape.as_json())
    assert {name: read.values[name] for name in expected} == expected
    assert read.values["message"] == str(error)


async def test_a_bug_in_the_adapter_leaves_its_name() -> None:
    with recording_reads() as tape, pytest.raises(AssertionError):
        await ReadRecordingLLM(FakeLLM()).complete(REQUEST)
    assert parse_reads(tape.as_json())[0].values["error"] == "AssertionError"
