"""Cancelling a call closes its connection: the server detects it at once, and no resource leaks."""

import asyncio
import gc
from contextlib import aclosing

import psutil
import pytest

from libs.adapters.models.openai_chat import ClientLimits, OpenAIChat, open_llm
from libs.ports.llm import ModelRequest
from libs.testing.model_server import Fault, ModelServer, Reply, Rule, chat_request, server_entry

ENDLESS = Reply("word " * 1500, piece_delay_s=0.02)


async def consume(llm: OpenAIChat, request: ModelRequest, *, stream: bool) -> None:
    if not stream:
        await llm.complete(request)
        return
    async for _ in llm.stream(request):
        pass


@pytest.mark.parametrize(
    ("reply", "stream"),
    [
        (Reply("late", delay_s=60), False),
        (Reply("late", delay_s=60), True),
        (Reply(fault=Fault("silence")), True),
        (Reply("half of it", fault=Fault("stall")), False),
        (Reply("half of it", fault=Fault("stall", after=1)), True),
        (ENDLESS, True),
    ],
)
async def test_the_server_sees_a_cancelled_call_leave_at_once(reply: Reply, stream: bool) -> None:
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)]) as llm:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(consume(llm, chat_request("hello", timeout_s=60), stream=stream))
            await server.log.wait_started(1)
            await asyncio.sleep(0.05)
            task.cancel()
        await server.log.wait_ended(1)
        await server.wait_connections(0)

        assert server.calls[0].disconnected


async def test_a_consumer_that_has_read_enough_ends_the_call() -> None:
    async with ModelServer([Rule(ENDLESS)]) as server, open_llm([server_entry(server)]) as llm:
        async with aclosing(llm.stream(chat_request("hello", timeout_s=60))) as stream:
            await anext(stream)
        await server.log.wait_ended(1)

        assert server.calls[0].disconnected


async def test_a_failing_sibling_ends_the_call() -> None:
    async with ModelServer([Rule(ENDLESS)]) as server, open_llm([server_entry(server)]) as llm:

        async def fail() -> None:
            await server.log.wait_started(1)
            raise ValueError("sibling")

        async def both() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(consume(llm, chat_request("hello", timeout_s=60), stream=True))
                group.create_task(fail())

        with pytest.raises(ExceptionGroup):
            await both()
        await server.log.wait_ended(1)

        assert server.calls[0].disconnected


async def test_cancelled_calls_give_their_connections_back() -> None:
    """More calls are cancelled than the pool holds; the next one still finds a connection."""
    limits = ClientLimits(max_connections=50)
    rules = [Rule(Reply("late", delay_s=60), user="wait"), Rule(ENDLESS, user="endless"), Rule(Reply("here"))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)], limits=limits) as llm:
        for _ in range(3):
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(consume(llm, chat_request(word, timeout_s=60), stream=True))
                    for word in ("wait", "endless")
                    for _ in range(20)
                ]
                await server.log.wait_started(40)
                for task in tasks:
                    task.cancel()
            await server.log.wait_ended(40)
            server.log.forget()

        assert (await llm.complete(chat_request("now", timeout_s=60))).text == "here"
        assert server.log.in_flight == 0
        await server.wait_connections(1)


async def test_no_socket_outlives_its_client() -> None:
    process = psutil.Process()

    async def give_up(llm: OpenAIChat) -> None:
        async with asyncio.timeout(0.05):
            await consume(llm, chat_request("endless", timeout_s=60), stream=True)

    async with ModelServer([Rule(ENDLESS, user="endless"), Rule(Reply("here"))]) as server:
        before = 0
        for number in range(4):
            async with open_llm([server_entry(server)]) as llm:
                await consume(llm, chat_request("now"), stream=True)
                with pytest.raises(TimeoutError):
                    await give_up(llm)
            await server.wait_connections(0)
            if number == 0:  # one-time resources of this process are open now, and every resource is closed
                gc.collect()
                before = process.num_fds()

        assert process.num_fds() <= before
