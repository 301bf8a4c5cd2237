"""What goes wrong on the way, over real HTTP, and what the port makes of it."""

import asyncio
import logging
import socket

import pytest
from pydantic import SecretStr

from libs.adapters.inference_servers import InferenceServer
from libs.adapters.openai_chat import ClientLimits, OpenAIChat, RetryPolicy, model_http_client, open_llm
from libs.core.errors import FleetError
from libs.ports.llm import (
    ChatMessage,
    Completion,
    ModelRef,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    StreamBroken,
    TextDelta,
)
from libs.testing.model_server import Fault, ModelServer, Reply, Rule, chat_request, error_reply, server_entry
from libs.testing.model_server.script import FaultKind

FAST = RetryPolicy(base_s=0.01)
ONCE = RetryPolicy(repeats=0)
TEXT = "one two three four five six"


async def outcome(llm: OpenAIChat, request: ModelRequest, *, stream: bool) -> tuple[str, FleetError | None]:
    """Return the text that arrived, and the error that ended it."""
    text = ""
    try:
        if not stream:
            return (await llm.complete(request)).text, None
        async for item in llm.stream(request):
            text += item.text if isinstance(item, TextDelta) else ""
    except FleetError as error:
        return text, error
    return text, None


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("stream", [False, True])
async def test_a_server_that_is_not_there_is_unavailable_and_named(stream: bool) -> None:
    async with open_llm([InferenceServer("scripted", f"http://127.0.0.1:{closed_port()}/v1")], retry=FAST) as llm:
        text, error = await outcome(llm, chat_request("hello"), stream=stream)

    assert text == ""
    assert isinstance(error, ModelUnavailable)
    assert "'scripted' cannot be reached" in str(error)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("first", "answered"),
    [
        (error_reply(503), True),
        (error_reply(429, retry_after="0.05"), True),
        (Reply(fault=Fault("hang_up")), True),
        (error_reply(500), False),
        (error_reply(502), False),
        (error_reply(404), False),
        (error_reply(429, code="insufficient_quota"), False),
        (error_reply(429, retry_after="30"), False),
    ],
)
async def test_only_what_may_pass_at_once_is_repeated(first: Reply, answered: bool, stream: bool) -> None:
    rules = [Rule(first, times=2), Rule(Reply(TEXT))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        text, error = await outcome(llm, chat_request("hello"), stream=stream)

        assert (text == TEXT) is answered
        assert (error is None) is answered
        await server.log.wait_ended(3 if answered else 1)
        assert len(server.calls) == (3 if answered else 1)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_third_failure_is_final(stream: bool) -> None:
    async with ModelServer([Rule(error_reply(503))]) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        _, error = await outcome(llm, chat_request("hello"), stream=stream)

        assert isinstance(error, ModelUnavailable)
        assert len(server.calls) == 3


async def test_repeating_stops_before_the_deadline() -> None:
    slow = RetryPolicy(base_s=0.4)
    async with ModelServer([Rule(error_reply(503))]) as server, open_llm([server_entry(server)], retry=slow) as llm:
        began = asyncio.get_running_loop().time()
        _, error = await outcome(llm, chat_request("hello", timeout_s=0.3), stream=False)

        assert asyncio.get_running_loop().time() - began < 0.3
        assert "HTTP 503" in str(error)
        assert len(server.calls) == 1


async def test_the_pause_that_a_server_asks_for_is_passed_on() -> None:
    rules = [Rule(error_reply(429, retry_after="30"))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)]) as llm:
        _, error = await outcome(llm, chat_request("hello"), stream=True)

    assert isinstance(error, ModelUnavailable)
    assert error.retry_after_s == 30.0


@pytest.mark.parametrize("kind", ["truncate", "malformed", "reset", "error"])
async def test_a_stream_that_breaks_after_its_first_piece_is_broken_and_never_repeated(kind: FaultKind) -> None:
    reply = Reply(TEXT, fault=Fault(kind, after=3), piece_delay_s=0.005)
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        text, error = await outcome(llm, chat_request("hello"), stream=True)

        assert isinstance(error, StreamBroken)
        assert text == "one two three "
        assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("kind", "expected", "calls"),
    [
        ("truncate", StreamBroken, 1),
        ("malformed", StreamBroken, 1),
        ("reset", ModelUnavailable, 3),
        ("error", ModelUnavailable, 1),
    ],
)
async def test_a_stream_that_breaks_before_its_first_piece(
    kind: FaultKind, expected: type[Exception], calls: int
) -> None:
    rules = [Rule(Reply(TEXT, fault=Fault(kind, after=0)))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        text, error = await outcome(llm, chat_request("hello"), stream=True)

        assert isinstance(error, expected)
        assert text == ""
        await server.log.wait_ended(calls)
        assert len(server.calls) == calls


@pytest.mark.parametrize(
    ("kind", "expected", "calls"),
    [
        ("truncate", StreamBroken, 1),
        ("malformed", StreamBroken, 1),
        ("reset", ModelUnavailable, 3),
        ("error", StreamBroken, 1),
    ],
)
async def test_a_whole_answer_that_breaks_in_the_middle(kind: FaultKind, expected: type[Exception], calls: int) -> None:
    rules = [Rule(Reply(TEXT, fault=Fault(kind, after=3)))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)], retry=FAST) as llm:
        _, error = await outcome(llm, chat_request("hello"), stream=False)

        assert isinstance(error, expected)
        await server.log.wait_ended(calls)
        assert len(server.calls) == calls


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "reply", [Reply(TEXT, delay_s=30), Reply(fault=Fault("silence")), Reply(TEXT, fault=Fault("stall"))]
)
async def test_a_call_ends_at_its_timeout_and_the_server_is_told(reply: Reply, stream: bool) -> None:
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)]) as llm:
        began = asyncio.get_running_loop().time()
        text, error = await outcome(llm, chat_request("hello", timeout_s=0.2), stream=stream)

        assert 0.19 <= asyncio.get_running_loop().time() - began < 1
        assert isinstance(error, ModelUnavailable)
        assert "within 0.2 s" in str(error)
        assert text == ""
        await server.log.wait_ended(1, timeout_s=1)
        assert server.calls[0].disconnected


async def test_a_stream_that_stalls_is_broken_at_the_timeout() -> None:
    rules = [Rule(Reply(TEXT, fault=Fault("stall", after=2)))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)]) as llm:
        text, error = await outcome(llm, chat_request("hello", timeout_s=0.3), stream=True)

    assert text == "one two "
    assert isinstance(error, StreamBroken)


async def test_a_stream_that_says_nothing_for_too_long_is_broken_before_the_timeout() -> None:
    rules = [Rule(Reply(TEXT, fault=Fault("stall", after=2)))]
    async with ModelServer(rules) as server, model_http_client() as http:
        llm = OpenAIChat([server_entry(server)], http, idle_timeout_s=0.1)
        text, error = await outcome(llm, chat_request("hello", timeout_s=30), stream=True)

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
        stream = llm.stream(chat_request("hello", timeout_s=0.2))
        await anext(stream)
        await asyncio.sleep(0.3)
        await stream.aclose()


async def test_a_full_pool_counts_against_the_timeout() -> None:
    limits = ClientLimits(max_connections=1)
    async with ModelServer([Rule(Reply(TEXT, delay_s=5))]) as server:
        async with open_llm([server_entry(server)], limits=limits) as llm:
            requests = [chat_request("hello", timeout_s=0.2) for _ in range(3)]
            outcomes = await asyncio.gather(*(outcome(llm, request, stream=False) for request in requests))

        assert all(isinstance(error, ModelUnavailable) for _, error in outcomes)
        assert server.log.max_in_flight == 1


async def test_a_connection_that_the_server_closed_while_idle_is_replaced() -> None:
    port = closed_port()
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


async def test_the_key_of_a_server_is_sent_to_it() -> None:
    async with ModelServer([Rule(Reply(TEXT))], api_key="sk-right") as server:
        for key, accepted in (("sk-right", True), ("sk-wrong", False)):
            entry = InferenceServer("scripted", server.url, token=SecretStr(key))
            async with open_llm([entry]) as llm:
                _, error = await outcome(llm, chat_request("hello"), stream=False)
                assert (error is None) is accepted


KEY, PROMPT = "sk-very-secret-key", "my very private question"
ECHO = f'{{"error":{{"message":"{PROMPT} {KEY}","code":"{KEY}","type":"{PROMPT}"}}}}'.encode()


@pytest.mark.parametrize(
    "reply",
    [
        *(Reply(status=status, raw=ECHO) for status in (400, 401, 404, 429, 500, 503)),
        Reply(raw=b"data: " + ECHO + b"\n\n", content_type="text/event-stream"),
        *(Reply(PROMPT, fault=Fault(kind, after=1)) for kind in ("malformed", "truncate", "reset", "hang_up")),
    ],
)
async def test_neither_key_nor_prompt_reaches_an_error_or_a_log(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    request = ModelRequest(ModelRef("m", "scripted"), (ChatMessage("user", PROMPT),), timeout_s=5)
    async with ModelServer([Rule(reply)]) as server:
        entry = InferenceServer("scripted", server.url, token=SecretStr(KEY))
        async with open_llm([entry], retry=FAST) as llm:
            errors = [(await outcome(llm, request, stream=stream))[1] for stream in (False, True)]

    assert any(errors)
    written = caplog.text + "".join(f"{error}{error!r}{error.__cause__!r}" for error in errors if error)
    assert KEY not in written
    assert PROMPT not in written


async def test_the_whole_answer_is_the_last_item_and_comes_once() -> None:
    async with ModelServer([Rule(Reply(TEXT))]) as server, open_llm([server_entry(server)]) as llm:
        items = [item async for item in llm.stream(chat_request("hello"))]

    assert [isinstance(item, Completion) for item in items].count(True) == 1
    assert isinstance(items[-1], Completion)
