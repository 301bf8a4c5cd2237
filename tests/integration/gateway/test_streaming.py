import asyncio
from contextlib import AbstractAsyncContextManager
from itertools import pairwise

import httpx
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.core.ids import reply_partition_of
from libs.ports.deltas import Delta
from libs.testing.waiting import eventually, waiting
from services.gateway.domain.request_limits import RequestLimits
from tests.support.gateway import (
    PARTITION,
    Fleet,
    GatewayHarness,
    answered,
    answering,
    cancelled,
    failed,
    open_gateway,
    pieces,
    wait_idle,
)
from tests.support.sse import Stream, events_of, read_stream


def asking(gateway: GatewayHarness, **fields: object) -> AbstractAsyncContextManager[httpx.Response]:
    messages = [{"role": "user", "content": "Why is the sky blue?"}]
    body = {"model": "moe-orchestrator", "messages": messages, "stream": True, **fields}
    return gateway.client.stream("POST", "/v1/chat/completions", json=body)


async def streamed(gateway: GatewayHarness, **fields: object) -> Stream:
    async with waiting(30), asking(gateway, **fields) as response:
        assert response.status_code == 200
        return await read_stream(response)


async def telling_as_it_goes(fleet: Fleet, question: QuestionAsked) -> None:
    await fleet.deliver_end(question, Delta("progress", text="Plan: 1 task"), Delta("progress", text="Asking physics"))
    await fleet.deliver_end(question, *pieces("p1.ab", ["Because ", "of "]), Delta("promote", "p1.ab"))
    await fleet.deliver_end(
        question, Delta("text", "p1.ab", 11, "Rayleigh "), Delta("text", "p1.ab", 20, "scattering.")
    )
    await fleet.finish(question, answered("Because of Rayleigh scattering."))


async def test_the_order_is_role_progress_text_stop_done() -> None:
    async with open_gateway(telling_as_it_goes) as gateway:
        stream = await streamed(gateway)
    assert stream.deltas[0] == {"role": "assistant", "content": ""}
    assert stream.reasoning == "Plan: 1 task\nAsking physics\n"
    assert stream.text == "Because of Rayleigh scattering."
    assert stream.finish_reasons == ["stop"]
    assert stream.deltas[-1] == {}
    assert stream.done
    kinds = [next(iter(delta), "stop") for delta in stream.deltas]
    assert kinds == sorted(kinds, key=["role", "reasoning_content", "content", "stop"].index)


async def test_every_event_has_an_id_that_says_where_the_answer_stands() -> None:
    async with open_gateway(telling_as_it_goes) as gateway:
        stream = await streamed(gateway)
        response_id = gateway.fleet.all(RequestOpened)[0].envelope.response_id
    parts = [event.id.split("/") for event in stream.events]
    assert {part[0] for part in parts} == {response_id}
    assert [int(part[1]) for part in parts] == list(range(1, len(parts) + 1))
    assert int(parts[-1][2]) == len(stream.text)


async def test_the_role_chunk_comes_before_anything_has_happened() -> None:
    async with open_gateway() as gateway, asking(gateway) as response:
        first = await anext(events_of(response))
        assert first.json["choices"][0]["delta"] == {"role": "assistant", "content": ""}
        assert response.headers["x-request-id"] == response.headers["request-id"] == first.json["id"]


async def test_two_records_are_on_the_log_before_the_first_byte() -> None:
    async with open_gateway() as gateway, asking(gateway, max_tokens=77, temperature=0.5) as response:
        assert [type(message) for message in gateway.fleet.published] == [RequestOpened, QuestionAsked]
        opened, asked = gateway.fleet.all(RequestOpened)[0], gateway.fleet.all(QuestionAsked)[0]
        assert opened.envelope.response_id == response.headers["x-request-id"]
    assert reply_partition_of(opened.envelope.response_id) == PARTITION
    assert opened.envelope.tenant == "default"
    assert opened.envelope.deadline_at == pytest.approx(opened.accepted_at + 600, abs=1)
    assert asked.envelope.causation_id == opened.envelope.event_id
    assert asked.question == opened.question
    assert (asked.question.max_tokens, asked.question.temperature) == (77, 0.5)


async def test_without_deltas_the_answer_comes_in_one_piece() -> None:
    async with open_gateway(answering("Scattering.")) as gateway:
        stream = await streamed(gateway)
    assert (stream.text, stream.finish_reasons, stream.done) == ("Scattering.", ["stop"], True)


async def test_a_lost_delta_is_filled_from_the_final_text() -> None:
    async def losing(fleet: Fleet, question: QuestionAsked) -> None:
        first, _, third = pieces("p1.ab", ["one ", "two ", "three"])
        await fleet.deliver_end(question, Delta("promote", "p1.ab"), first, third)
        await fleet.finish(question, answered("one two three"))

    async with open_gateway(losing) as gateway:
        stream = await streamed(gateway)
    assert (stream.text, stream.done) == ("one two three", True)


async def test_text_that_the_final_answer_contradicts_ends_in_an_error_naming_the_response() -> None:
    async def contradicting(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.deliver_end(question, Delta("promote", "p1.ab"), Delta("text", "p1.ab", 0, "It is green"))
        await sent.wait()
        await fleet.finish(question, answered("It is blue"))

    sent = asyncio.Event()
    stream = Stream()
    async with open_gateway(contradicting) as gateway, asking(gateway) as response:
        async for event in events_of(response):
            stream.events.append(event)
            if stream.text == "It is green":
                sent.set()
    assert stream.text == "It is green"
    assert [error["code"] for error in stream.errors] == ["stream_diverged"]
    assert response.headers["x-request-id"] in stream.errors[0]["message"]
    assert not stream.done
    assert stream.finish_reasons == []


async def test_a_failure_is_an_error_frame_and_never_answer_text() -> None:
    async def failing(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.finish(question, failed("model_unavailable", "The model server local does not answer."))

    async with open_gateway(failing) as gateway:
        stream = await streamed(gateway, stream_options={"include_usage": True})
    assert set(stream.errors[0]) == {"message", "type", "param", "code"}
    assert stream.errors[0]["code"] == "model_unavailable"
    assert "does not answer" in stream.errors[0]["message"]
    assert (stream.text, stream.done, stream.finish_reasons) == ("", False, [])


async def test_usage_comes_only_when_asked_and_after_the_stop_chunk() -> None:
    async with open_gateway(answering("Hi")) as gateway:
        without = await streamed(gateway)
        with_usage = await streamed(gateway, stream_options={"include_usage": True})
    assert not any("usage" in chunk for chunk in without.chunks)
    last = with_usage.chunks[-1]
    assert last["choices"] == []
    assert last["usage"] == {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42}
    assert sum("usage" in chunk for chunk in with_usage.chunks) == 1
    assert with_usage.done


async def test_an_answer_cut_by_a_limit_says_so() -> None:
    async def cutting(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.finish(question, answered("Half an", truncated=True))

    async with open_gateway(cutting) as gateway:
        assert (await streamed(gateway)).finish_reasons == ["length"]


async def test_silence_is_broken_by_comments() -> None:
    async def slow(fleet: Fleet, question: QuestionAsked) -> None:
        await seen.wait()
        await fleet.finish(question, answered("Done"))

    loop, seen, stream = asyncio.get_running_loop(), asyncio.Event(), Stream()
    began = loop.time()
    async with open_gateway(slow, rules=RequestLimits(keep_alive_s=0.05)) as gateway, asking(gateway) as response:
        reading = loop.create_task(read_stream(response, stream))
        await eventually(lambda: len(stream.comments) >= 2, within_s=30)
        seen.set()
        await reading
    assert len(stream.comments) <= (loop.time() - began) / 0.05
    assert set(stream.comments) == {": keep-alive"}
    assert stream.text == "Done"


async def test_a_stream_that_talks_needs_no_comments() -> None:
    async def steady(fleet: Fleet, question: QuestionAsked) -> None:
        for number in range(14):
            said_at.append(loop.time())
            await fleet.deliver_end(question, Delta("progress", text=f"Step {number}"))
            await asyncio.sleep(0.05)
        await fleet.finish(question, answered("Done"))
        said_at.append(loop.time())

    loop, said_at = asyncio.get_running_loop(), list[float]()
    async with open_gateway(steady, rules=RequestLimits(keep_alive_s=0.3)) as gateway:
        comments = (await streamed(gateway)).comments
    held_up = max(later - earlier for earlier, later in pairwise(said_at)) > 0.1
    assert comments == [] or held_up, "a gateway that is held up sends nothing"


async def test_a_client_that_hangs_up_cancels_the_work() -> None:
    async with open_gateway() as gateway:
        async with asking(gateway) as response:
            await anext(events_of(response))
        (cancel,) = await gateway.fleet.wait_for(RequestCancelled)
        opened = gateway.fleet.all(RequestOpened)[0]
        assert cancel.reason == "client disconnected"
        assert cancel.envelope.causation_id == opened.envelope.event_id
        await wait_idle(gateway)


async def test_a_finished_stream_leaves_nothing_behind_and_cancels_nothing() -> None:
    async with open_gateway(telling_as_it_goes) as gateway:
        await streamed(gateway)
        await wait_idle(gateway)
        assert cancelled(gateway) == []


async def test_a_fleet_that_never_answers_is_answered_for_after_the_deadline() -> None:
    async with open_gateway(rules=RequestLimits(request_timeout_s=0.1, late_s=0.1)) as gateway:
        stream = await streamed(gateway)
    assert [error["code"] for error in stream.errors] == ["deadline_exceeded"]
    assert not stream.done


async def test_the_first_end_wins() -> None:
    async def twice(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.finish(question, answered("first"))
        await fleet.finish(question, answered("second"))

    async with open_gateway(twice) as gateway:
        assert (await streamed(gateway)).text == "first"


async def test_ends_that_nobody_waits_for_are_ignored() -> None:
    async with open_gateway(answering("Hi")) as gateway:
        await streamed(gateway)
        await gateway.fleet.finish(gateway.fleet.all(QuestionAsked)[0], answered("late"))
        assert (await streamed(gateway)).text == "Hi"


async def test_a_hundred_streams_at_once_each_get_their_own_answer() -> None:
    async def echo(fleet: Fleet, question: QuestionAsked) -> None:
        text = f"answer to {question.question.text}"
        await fleet.deliver_end(question, Delta("promote", "p.1"), *pieces("p.1", list(text)))
        await fleet.finish(question, answered(text))

    async with open_gateway(echo) as gateway:

        async def one(number: int) -> str:
            return (await streamed(gateway, messages=[{"role": "user", "content": f"q{number}"}])).text

        texts = await asyncio.gather(*(one(number) for number in range(100)))
    assert texts == [f"answer to q{number}" for number in range(100)]


async def test_a_client_that_does_not_read_is_dropped() -> None:
    async def flood(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.deliver_end(question, Delta("promote", "p.1"))
        text = "x" * 50_000
        for number in range(200):
            await fleet.deliver_end(question, Delta("text", "p.1", number * len(text), text))
            await asyncio.sleep(0)
        await fleet.finish(question, AnswerFinished(outcome="answered", text=text * 200))

    async with open_gateway(flood, rules=RequestLimits(write_timeout_s=0.2)) as gateway:
        async with asking(gateway):
            await wait_idle(gateway)
        assert cancelled(gateway) == []
