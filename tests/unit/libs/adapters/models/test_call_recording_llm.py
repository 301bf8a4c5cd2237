"""Every model call is recorded, however it ends, and uncounted tokens are estimated."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace

import pytest

from libs.adapters.models.call_recording_llm import CallRecordingLLM
from libs.contracts.model_call import BROKEN_OFF, ModelCall, Usage
from libs.contracts.staffing import ModelRef
from libs.core.errors import FleetError
from libs.core.generation_rates import TOKENS_PER_S
from libs.ports.llm import (
    ChatMessage,
    Completion,
    ModelRefused,
    ModelRequest,
    ModelTimeout,
    ModelUnavailable,
    StreamBroken,
    TextDelta,
    TokenUsage,
)
from libs.ports.model_calls import record_call
from libs.runtime.delivery.call_recorder import recording_calls
from libs.testing.fake_llm import Answer, FakeLLM

REQUEST = ModelRequest(
    ModelRef(model="phi4:14b", server="local"), (ChatMessage("user", "0123456789"),), timeout_s=5, stage="judge"
)


class Endless:
    """Port `LLM`: returns its whole answers, then one word, and nothing more."""

    def __init__(self, *whole: Completion) -> None:
        self._whole = list(whole)

    async def complete(self, request: ModelRequest) -> Completion:
        if self._whole:
            return self._whole.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        yield TextDelta("Hello")
        await asyncio.Event().wait()


async def _hear(llm: CallRecordingLLM, *, stream: bool) -> None:
    if not stream:
        await llm.complete(REQUEST)
        return
    async with aclosing(llm.stream(REQUEST)) as pieces:
        async for _ in pieces:
            pass


async def _failed(error: FleetError, *, stream: bool, text: str = "") -> tuple[ModelCall, ...]:
    with recording_calls() as bill, suppress(type(error)):
        await _hear(CallRecordingLLM(FakeLLM(Answer(text, error=error))), stream=stream)
    return bill.unreported()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_that_ended_is_billed_as_the_work_tells_of_it(stream: bool) -> None:
    llm = CallRecordingLLM(FakeLLM("Fine."))
    with recording_calls() as bill:
        if stream:
            *_, completion = [piece async for piece in llm.stream(REQUEST)]
        else:
            completion = await llm.complete(REQUEST)
    assert isinstance(completion, Completion)
    assert bill.unreported() == (record_call(REQUEST, completion),)
    assert (bill.unreported()[0].stage, bool(completion.call_id)) == ("judge", True)


async def test_two_calls_have_two_ids() -> None:
    llm = CallRecordingLLM(FakeLLM("Fine.", "Fine."))
    assert len({(await llm.complete(REQUEST)).call_id for _ in range(2)}) == 2


@pytest.mark.parametrize(("stream", "heard_tokens"), [(False, 0), (True, 2)])
async def test_a_call_that_is_stopped_costs_what_was_heard_and_what_there_was_time_to_write(
    stream: bool, heard_tokens: int
) -> None:
    with recording_calls() as bill, suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await _hear(CallRecordingLLM(Endless()), stream=stream)
    (call,) = bill.unreported()
    at_most = heard_tokens + int(call.duration_ms / 1000 * TOKENS_PER_S) + 1
    assert heard_tokens + 0.1 * TOKENS_PER_S - 1 <= call.usage.completion_tokens <= at_most
    assert (call.usage.prompt_tokens, call.finish_reason, call.usage_estimated) == (3, BROKEN_OFF, True)


async def test_a_call_that_is_stopped_costs_no_more_than_it_was_allowed_to_write() -> None:
    with recording_calls() as bill, suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await CallRecordingLLM(Endless()).complete(replace(REQUEST, max_tokens=3))
    assert bill.unreported()[0].usage.completion_tokens == 3


async def test_the_pace_of_a_model_is_that_of_its_whole_answers() -> None:
    counted = TokenUsage(prompt_tokens=3, completion_tokens=2_000_000)
    llm = CallRecordingLLM(Endless(Completion("Fine.", "stop", counted, "phi4:14b", duration_s=1.0)))
    await llm.complete(REQUEST)
    with recording_calls() as bill, suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await llm.complete(REQUEST)
    assert bill.unreported()[0].usage.completion_tokens > 100 * TOKENS_PER_S


async def test_a_stream_that_breaks_has_cost_what_came() -> None:
    (call,) = await _failed(StreamBroken("broken"), stream=True, text="Hello")
    assert call.usage == Usage(prompt_tokens=3, completion_tokens=2)


async def test_a_stream_that_nobody_reads_on_has_cost_what_came() -> None:
    with recording_calls() as bill:
        async with aclosing(CallRecordingLLM(FakeLLM("Hello, world.")).stream(REQUEST)) as pieces:
            await anext(pieces)
    assert [call.usage.completion_tokens for call in bill.unreported()] == [2]


async def test_a_server_that_let_us_wait_in_vain_may_have_worked() -> None:
    (call,) = await _failed(ModelTimeout("nothing in 5 s"), stream=False)
    assert call.usage == Usage(prompt_tokens=3)


@pytest.mark.parametrize("error", [ModelRefused("no"), ModelUnavailable("down")], ids=["refused", "away"])
async def test_a_server_that_did_not_take_the_call_takes_nothing(error: FleetError) -> None:
    assert await _failed(error, stream=False) == ()
