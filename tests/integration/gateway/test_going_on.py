"""A stream that has begun lives without its request."""

import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from libs.http.context import run_detached
from libs.http.outer_middleware import DetachedBody
from libs.testing.model_server import Reply, Rule
from libs.testing.waiting import eventually
from services.gateway.direct.streaming import DirectStream
from services.gateway.direct.watchdog import CallWatchdog
from services.gateway.domain.body.chat import ChatBody
from services.gateway.domain.question.fleet_question import InferenceRequest
from tests.support.direct_gateway import DirectSetting, direct_gateway
from tests.support.sse import events_of, read_stream


async def test_an_open_stream_holds_neither_body_nor_question(tmp_path: Path) -> None:
    others = read_requests()
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("word " * 1000, piece_delay_s=0.02))) as direct:
        body = {"model": "x@scripted", "stream": True, "messages": [{"role": "user", "content": "Talk to me."}]}
        request = direct.gateway.client.build_request("POST", "/v1/chat/completions", json=body)
        response = await direct.gateway.client.send(request, stream=True)
        async for event in events_of(response):
            if "word" in event.data:
                break
        gc.collect()
        held = [each for each in read_requests() if all(each is not other for other in others)]
        await response.aclose()
        assert not held


def read_requests() -> list[object]:
    return [each for each in gc.get_objects() if type(each) in (InferenceRequest, ChatBody)]


async def test_a_stream_that_has_ended_is_freed_without_the_garbage_collector(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("It is sunny."))) as direct:
        with without_collection():
            for _ in range(3):
                assert (await read_stream(await direct.ask(stream=True))).done
            await eventually(lambda: streams() == [])


@contextmanager
def without_collection() -> Iterator[None]:
    """Free only objects without references."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def streams() -> list[object]:
    """Streams of direct requests in this process, and the watchdogs of their calls."""
    return [each for each in gc.get_objects() if isinstance(each, DirectStream | CallWatchdog)]


async def test_what_is_left_runs_when_the_application_has_returned() -> None:
    steps: list[str] = []

    async def rest(_send: Send) -> None:
        steps.append("rest")

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        run_detached(scope, rest)
        steps.append("returned")

    await DetachedBody(application)({"type": "http"}, nothing, ignored)
    assert steps == ["returned", "rest"]


async def test_what_is_left_sends_past_the_application() -> None:
    sent: list[Message] = []

    async def collect(message: Message) -> None:
        sent.append(message)

    async def rest(send: Send) -> None:
        await send({"type": "http.response.body", "body": b"more"})

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        run_detached(scope, rest)

    def wrapped(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return application(scope, receive, refusing(send))

    await DetachedBody(wrapped)({"type": "http"}, nothing, collect)
    assert [message["body"] for message in sent] == [b"more"]


def refusing(_send: Send) -> Callable[[Message], Awaitable[None]]:
    async def refuse(_message: Message) -> None:
        raise AssertionError("what is left is sent by the application")

    return refuse


async def nothing() -> Message:
    return {"type": "http.disconnect"}


async def ignored(_message: Message) -> None:
    return None
