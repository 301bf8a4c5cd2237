"""Replayed ports return the recorded reads in the same order, and nothing else."""

import pytest

from libs.adapters.models.read_recording_llm import ReadRecordingLLM
from libs.contracts.staffing import ModelRef
from libs.core.errors import FleetError
from libs.core.reads import parse_reads, record_read, recording_reads
from libs.ports.llm import (
    ChatMessage,
    Completion,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    StreamBroken,
    TextDelta,
)
from libs.runtime.delivery.outcomes import expired, record_stage
from libs.testing.fake_llm import Answer, FakeLLM
from moe.replay.ports import ReplayPorts, replay_ports
from moe.replay.read_player import ReadMismatch, ReadPlayer, ReadsExhausted
from moe.replay.what_if import PureTools
from services.mcp.contract import AnswerStyle, Caller, ToolError
from services.mcp.tools.read_recording_tools import ReadRecordingTools

CALLER = Caller("acme")
REQUEST = ModelRequest(
    ModelRef(model="phi4:14b", server="local"), (ChatMessage("user", "Say something."),), timeout_s=5
)


def _played(tape: str) -> ReplayPorts:
    return replay_ports(ReadPlayer(parse_reads(tape)))


async def _pieces(outside: ReplayPorts) -> list[TextDelta | Completion]:
    return [piece async for piece in outside.llm.stream(REQUEST)]


async def test_a_model_says_the_same_again() -> None:
    llm = ReadRecordingLLM(FakeLLM("A text in several pieces."))
    with recording_reads() as tape:
        said = await llm.complete(REQUEST)
    assert await _played(tape.as_json()).llm.complete(REQUEST) == said


async def test_a_stream_pauses_where_something_was_said() -> None:
    with recording_reads() as tape:
        async for piece in ReadRecordingLLM(FakeLLM("A text in several pieces.")).stream(REQUEST):
            if isinstance(piece, TextDelta) and "sev" in piece.text:
                tape.as_json()
    pieces = await _pieces(_played(tape.as_json()))
    assert [piece.text for piece in pieces] == ["A text in seve", "ral pieces.", "A text in several pieces."]


async def test_a_stream_that_was_left_ends_the_work_there() -> None:
    with recording_reads() as tape:
        async for _ in ReadRecordingLLM(FakeLLM("A text in several pieces.")).stream(REQUEST):
            break
    stream = _played(tape.as_json()).llm.stream(REQUEST)
    assert await anext(stream) == TextDelta("A text ")
    with pytest.raises(ReadsExhausted):
        await anext(stream)


@pytest.mark.parametrize(
    "error",
    [
        ModelUnavailable("away", retry_after_s=3.0),
        ModelRefused("no", code="context_length"),
        StreamBroken("cut"),
    ],
)
async def test_a_call_fails_again_as_it_failed(error: FleetError) -> None:
    with recording_reads() as tape, pytest.raises(type(error)):
        await ReadRecordingLLM(FakeLLM(Answer(error=error))).complete(REQUEST)
    with pytest.raises(type(error)) as met:
        await _played(tape.as_json()).llm.complete(REQUEST)
    assert (str(met.value), met.value.code) == (str(error), error.code)
    if isinstance(met.value, ModelUnavailable):
        assert met.value.retry_after_s == 3.0


async def test_a_bug_of_the_adapter_is_met_again_by_its_name() -> None:
    with recording_reads() as tape, pytest.raises(AssertionError):
        await ReadRecordingLLM(FakeLLM()).complete(REQUEST)
    with pytest.raises(RuntimeError) as met:
        await _played(tape.as_json()).llm.complete(REQUEST)
    assert type(met.value).__name__ == "AssertionError"


async def test_tools_answer_and_refuse_again() -> None:
    tools, style = ReadRecordingTools(PureTools()), AnswerStyle()
    with recording_reads() as tape:
        result = await tools.invoke("calculate", {"expression": "6*7"}, style=style, caller=CALLER)
        with pytest.raises(ToolError):
            await tools.invoke("calculate", {"expression": "1/0"}, style=style, caller=CALLER)
    again = _played(tape.as_json()).tools
    assert await again.invoke("calculate", {"expression": "6*7"}, style=style, caller=CALLER) == result
    with pytest.raises(ToolError) as refused:
        await again.invoke("calculate", {"expression": "1/0"}, style=style, caller=CALLER)
    assert refused.value.code == "division_by_zero"


def test_reads_of_another_kind_are_no_reads_of_this_work() -> None:
    with recording_reads() as tape:
        record_stage("ab")
        record_read("clock", now=1.0)
    outside = _played(tape.as_json())
    with pytest.raises(ReadMismatch) as stray:
        outside.nonce()
    assert (stray.value.number, stray.value.wanted, stray.value.found) == (1, "nonce", "clock")


@pytest.mark.parametrize("begun", [True, False])
def test_a_deadline_that_struck_ends_the_tape(*, begun: bool) -> None:
    with recording_reads() as tape:
        record_read("clock", now=1.0)
        expired("ask-expert-t1.v1", begun=begun)
    player = ReadPlayer(parse_reads(tape.as_json()))
    assert player.deadline is begun
    assert player.next("clock").values["now"] == 1.0
    with pytest.raises(ReadsExhausted):
        player.next("clock")
