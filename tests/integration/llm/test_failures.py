"""Failures over real HTTP, and the errors of the port."""

import asyncio
from collections.abc import Callable

import pytest

from libs.adapters.models.openai_chat import CallRetryPolicy, ClientLimits, ModelWire, OpenAIChat, open_llm
from libs.ports.llm import (
    Completion,
    ModelRefused,
    ModelUnavailable,
    StreamBroken,
)
from libs.runtime.settings.inference_servers import InferenceServer
from libs.testing.model_server import Fault, ModelServer, Reply, Rule, chat_request, server_entry
from libs.testing.model_server.script import FaultKind
from libs.testing.ports import own_port
from tests.support.call_outcomes import FAST, let_pass, outcome

ONCE = CallRetryPolicy(repeats=0)
TEXT = "one two three four five six"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_server_that_is_not_there_is_unavailable_and_named(stream: bool) -> None:
    async with open_llm([InferenceServer("scripted", f"http://127.0.0.1:{own_port()}/v1")], retry=FAST) as llm:
        text, error = await outcome(llm, chat_request("hello"), stream=stream)

    assert text == ""
    assert isinstance(error, ModelUnavailable)
    assert "'scripted' cannot be reached" in str(error)


@pytest.mark.parametrize("kind", ["truncate", "malformed", "reset", "error"])
async def test_a_stream_that_breaks_after_its_first_piece_is_broken_and_never_repeated(kind: FaultKind) -> None:
    reply = Reply(TEXT, fault=Fault(kind, after=3), piece_delay_s=0.005)
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        text, error = await outcome(llm, chat_request("hello"), stream=True)

        assert isinstance(error, StreamBroken)
        assert text == "one two three "
        assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("kind", "stream", "expected", "calls"),
    [
        ("truncate", True, StreamBroken, 1),
        ("truncate", False, ModelUnavailable, 3),
        ("malformed", True, StreamBroken, 1),
        ("malformed", False, StreamBroken, 1),
        ("reset", True, ModelUnavailable, 3),
        ("reset", False, ModelUnavailable, 3),
        ("error", True, StreamBroken, 1),
        ("error", False, ModelUnavailable, 1),
    ],
)
async def test_a_whole_answer_that_breaks_in_the_middle(
    kind: FaultKind, stream: bool, expected: type[Exception], calls: int
) -> None:
    rules = [Rule(Reply(TEXT, fault=Fault(kind, after=3)))]
    async with ModelServer(rules) as server, open_llm([server_entry(server, stream=stream)], retry=FAST) as llm:
        _, error = await outcome(llm, chat_request("hello"), stream=False)

        assert isinstance(error, expected)
        await server.log.wait_ended(calls)
        assert len(server.calls) == calls


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "reply", [Reply(TEXT, delay_s=7200), Reply(fault=Fault("silence")), Reply(TEXT, fault=Fault("stall"))]
)
async def test_a_call_ends_at_its_timeout_and_the_server_is_told(reply: Reply, stream: bool) -> None:
    async with (
        ModelServer([Rule(reply)]) as server,
        open_llm([server_entry(server)]) as llm,
        asyncio.TaskGroup() as group,
    ):
        asking = group.create_task(outcome(llm, chat_request("hello", timeout_s=3600), stream=stream))
        await server.log.wait_started(1)
        let_pass(1800)
        await asyncio.sleep(0.05)
        assert not asking.done()
        let_pass(1800)
        text, error = await asking

        assert isinstance(error, ModelUnavailable)
        assert "within 3600 s" in str(error)
        assert text == ""
        await server.log.wait_ended(1)
        assert server.calls[0].disconnected


async def test_a_stream_that_stalls_is_broken_at_the_timeout() -> None:
    rules = [Rule(Reply(TEXT, fault=Fault("stall", after=2)))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)]) as llm:
        request = chat_request("hello", timeout_s=60)
        text, error = await outcome(llm, request, stream=True, heard=silence_after("one two "))

    assert text == "one two "
    assert isinstance(error, StreamBroken)


def silence_after(text: str) -> Callable[[str], None]:
    def heard(so_far: str) -> None:
        if so_far == text:
            asyncio.get_running_loop().call_soon(let_pass, 60)  # when more is waited for

    return heard


async def test_a_stream_that_says_nothing_for_too_long_is_broken_before_the_timeout() -> None:
    rules = [Rule(Reply(TEXT, fault=Fault("stall", after=2)))]
    async with ModelServer(rules) as server, ModelWire([server_entry(server)]) as wire:
        llm = OpenAIChat([server_entry(server)], wire, idle_timeout_s=60)
        request = chat_request("hello", timeout_s=3600)
        text, error = await outcome(llm, request, stream=True, heard=silence_after("one two "))

    assert text == "one two "
    assert isinstance(error, StreamBroken)


async def test_a_whole_answer_that_stalls_in_the_middle_ends_at_the_timeout() -> None:
    rules = [Rule(Reply(TEXT, fault=Fault("stall", after=2)))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)]) as llm:
        _, error = await outcome(llm, chat_request("hello", timeout_s=0.2), stream=False)

    assert isinstance(error, ModelUnavailable)
    assert "within 0.2 s" in str(error)


async def test_a_slow_consumer_is_not_interrupted_by_the_timeout_of_the_call() -> None:
    async with ModelServer([Rule(Reply(TEXT))]) as server, open_llm([server_entry(server)]) as llm:
        stream = llm.stream(chat_request("hello", timeout_s=20))
        assert await anext(stream)
        let_pass(21)
        await asyncio.sleep(0.01)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        await stream.aclose()


async def test_a_full_pool_counts_against_the_timeout() -> None:
    limits = ClientLimits(max_connections=1)
    async with ModelServer([Rule(Reply(TEXT, delay_s=3600))]) as server:
        async with open_llm([server_entry(server)], limits=limits) as llm:
            requests = [chat_request("hello", timeout_s=20) for _ in range(3)]
            asking = asyncio.gather(*(outcome(llm, request, stream=False) for request in requests))
            await server.log.wait_started(1)
            let_pass(20)
            outcomes = await asking

        assert all(isinstance(error, ModelUnavailable) for _, error in outcomes)
        assert server.log.max_in_flight == 1


async def test_a_connection_that_the_server_closed_while_idle_is_replaced() -> None:
    port = own_port()
    async with open_llm([InferenceServer("scripted", f"http://127.0.0.1:{port}/v1")], retry=FAST) as llm:
        for _ in range(2):
            async with ModelServer([Rule(Reply(TEXT))], port=port):
                assert (await llm.complete(chat_request("hello"))).text == TEXT


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("reply", "expected", "hint"),
    [
        (
            Reply(status=200, raw=b"<html>Welcome</html>", content_type="text/html"),
            ModelRefused,
            "check it in INFERENCE",
        ),
        (Reply(status=502, raw=b"<html>Bad gateway</html>", content_type="text/html"), ModelUnavailable, "HTTP 502"),
        (
            Reply(status=302, raw=b"", headers={"location": "http://127.0.0.1:1/"}),
            ModelRefused,
            "check it in INFERENCE",
        ),
        (Reply(status=413, raw=b""), ModelRefused, "too long"),
    ],
)
async def test_odd_replies_say_what_to_check(reply: Reply, expected: type[Exception], hint: str, stream: bool) -> None:
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)], retry=ONCE) as llm:
        _, error = await outcome(llm, chat_request("hello"), stream=stream)

    assert isinstance(error, expected)
    assert hint in str(error)


async def test_a_model_that_is_not_there_is_refused_with_advice() -> None:
    async with ModelServer(models=["phi4:14b"]) as server, open_llm([server_entry(server)]) as llm:
        _, error = await outcome(llm, chat_request("hello", model="phi5"), stream=True)

    assert isinstance(error, ModelRefused)
    assert "has no model 'phi5'" in str(error)


async def test_the_whole_answer_is_the_last_item_and_comes_once() -> None:
    async with ModelServer([Rule(Reply(TEXT))]) as server, open_llm([server_entry(server)]) as llm:
        items = [item async for item in llm.stream(chat_request("hello"))]

    assert [isinstance(item, Completion) for item in items].count(True) == 1
    assert isinstance(items[-1], Completion)
