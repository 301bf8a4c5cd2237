"""`kill -9` of any process in the middle of a request, and a restart: the request ends with exactly one answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import httpx
import psutil
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.contracts.topics import RUN_TOOL
from libs.core.clock import SystemClock
from libs.testing.model_server import ModelServer
from libs.testing.processes import ServerProcess
from tests.support.fleet_processes import SLOW_S, FleetHarness
from tests.support.sse import Event, Stream, events_of

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "How large should connection pools be, see #{}?"
CLOCK = SystemClock()


@dataclass(frozen=True)
class Crash:
    """`victim` is killed when so many model calls of the request have begun."""

    victim: str
    token: str
    calls: int
    meanwhile: str

    def __str__(self) -> str:
        return f"{self.victim} while {self.meanwhile}"


CRASHES = (
    Crash("planner", "slow1", 1, "it plans"),
    Crash("expert-worker", "slow2", 2, "it answers parts"),
    Crash("merger", "slow3", 2, "it collects parts"),
    Crash("merger", "slow4", 5, "its judge is asked"),
    Crash("critic", "med2", 3, "it checks"),
    Crash("journal", "slow5", 2, "others work"),
)


@asynccontextmanager
async def restarted(process: ServerProcess, when: str) -> AsyncIterator[None]:
    """Kill a process and restart it; then print the duration of both and of the block, from the kill on."""
    await process.kill()
    killed = CLOCK.monotonic()
    ready_s = await process.start()
    yield
    print(f"\nkill -9 of {when}: ready {ready_s:.1f} s, answered {CLOCK.monotonic() - killed:.1f} s after the kill")  # noqa: T201


@contextmanager
def held_still(process: ServerProcess) -> Iterator[None]:
    """Stop the workers that a process has now from running; let those go on afterwards that are still there."""
    workers = psutil.Process(process.running.pid).children(recursive=True)
    assert workers
    for worker in workers:
        worker.suspend()
    try:
        yield
    finally:
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.resume()


@pytest.mark.parametrize("crash", CRASHES, ids=str)
async def test_a_request_outlives_the_process_that_works_for_it(
    harness: FleetHarness, models: ModelServer, crash: Crash
) -> None:
    models.log.forget()
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(harness.stream(QUESTION.format(crash.token)))
        await models.log.wait_started(crash.calls)
        await asyncio.sleep(SLOW_S / 2)  # into the middle of the call: finished work is committed by then
        async with restarted(harness.processes[crash.victim], str(crash)):
            stream = await asked
    assert (stream.errors, stream.done) == ([], True)
    assert f"#{crash.token}" in stream.text
    await _assert_ended_once(harness, _response_id(stream), stream.text)


async def test_a_tool_call_outlives_the_process_that_runs_it(harness: FleetHarness) -> None:
    """Its workers are held still, so that the call is certainly not over when the process dies."""
    mcp = harness.processes["mcp"]
    with held_still(mcp):
        async with harness.streaming("What is 17 * 23?") as response:
            events = events_of(response)
            stream = Stream([await anext(events)])
            await harness.until_on_the_log(RUN_TOOL, _response_id(stream))
            await asyncio.sleep(SLOW_S / 2)
            async with restarted(mcp, "mcp while it calculates"):
                stream.events += await _rest_of(events)
    assert "391" in stream.text
    await _assert_ended_once(harness, _response_id(stream), stream.text)


async def test_a_request_outlives_its_gateway(harness: FleetHarness, models: ModelServer) -> None:
    """The client's connection dies with the gateway; the accepted request still completes."""
    models.log.forget()
    async with harness.streaming(QUESTION.format("slow6")) as response:
        events = events_of(response)
        response_id = str((await anext(events)).json["id"])
        await models.log.wait_started(2)
        async with restarted(harness.processes["gateway"], "gateway while experts answer"):
            await harness.ends(response_id)
        with pytest.raises(httpx.HTTPError):
            await _rest_of(events)
    await _assert_ended_once(harness, response_id)
    assert "#a2" in (await harness.answer(QUESTION.format("a2"))).text


async def test_a_text_that_is_said_again_is_streamed_once(harness: FleetHarness) -> None:
    """The merger dies in the middle of a sentence, and the judge repeats the same text for its successor."""
    async with harness.streaming(QUESTION.format("words2")) as response:
        events = events_of(response)
        stream = Stream()
        while len(stream.text) < 20:
            stream.events.append(await anext(events))
        async with restarted(harness.processes["merger"], "merger in the middle of a sentence"):
            stream.events += await _rest_of(events)
    assert (stream.errors, stream.done) == ([], True)
    await _assert_ended_once(harness, _response_id(stream), stream.text)


async def test_a_text_that_is_said_differently_is_never_spliced(harness: FleetHarness) -> None:
    """The judge answers the merger's successor differently: the stream ends with an error naming the response."""
    async with harness.streaming(QUESTION.format("other1")) as response:
        events = events_of(response)
        stream = Stream()
        while len(stream.text) < 20:
            stream.events.append(await anext(events))
        async with restarted(harness.processes["merger"], "merger whose judge changes its mind"):
            stream.events += await _rest_of(events)
    assert stream.text in "The joint answer to #other1: start with small bounded pools, measure the waiting time, and"
    assert [_response_id(stream) in error["message"] for error in stream.errors] == [True]
    assert not stream.done
    await _assert_ended_once(harness, _response_id(stream), "Second thoughts. ")


async def _assert_ended_once(harness: FleetHarness, response_id: str, text: str | None = None) -> None:
    ends = await harness.ends(response_id)
    facts = await harness.facts(response_id)
    told = {(end.envelope.event_id, end.text) for end in (*ends, *facts) if isinstance(end, AnswerFinished)}
    assert len(told) == 1
    assert ends[0].outcome == "answered"
    assert text is None or ends[0].text == text
    assert len({fact.envelope.event_id for fact in facts if isinstance(fact, RequestOpened)}) == 1


async def _rest_of(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


def _response_id(stream: Stream) -> str:
    return str(stream.chunks[0]["id"])
