"""Answers over real HTTP: whole, streamed, constrained, counted."""

import asyncio
import asyncio.trsock
import gc
import socket
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from libs.adapters.models.openai_chat import CallRetryPolicy, ClientLimits, OpenAIChat, open_llm
from libs.contracts.staffing import ModelRef
from libs.core.cache_salt import cache_salt
from libs.core.tenancy import tenant_scope
from libs.ports.llm import Completion, ModelRefused, ModelRequest, TextDelta, TokenUsage
from libs.testing.model_server import Fault, ModelServer, Reply, Rule, chat_request, error_reply, server_entry
from libs.testing.model_server.script import OutputFormat
from libs.testing.waiting import waiting

TEXT = "Grüße — one word after the other, 🙂 included."
SCHEMA = {"title": "Plan", "type": "object", "properties": {"tasks": {"type": "array", "items": {"type": "string"}}}}


async def answered(server: ModelServer, request: ModelRequest) -> Completion:
    async with open_llm([server_entry(server)]) as llm:
        return await llm.complete(request)


async def streamed(llm: OpenAIChat, request: ModelRequest) -> tuple[list[str], Completion]:
    items = [item async for item in llm.stream(request)]
    last = items.pop()
    assert isinstance(last, Completion)
    return [item.text for item in items if isinstance(item, TextDelta)], last


async def test_a_whole_answer_comes_with_what_the_server_counted() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with ModelServer([Rule(Reply(TEXT, usage=TokenUsage(11, 7), finish="length"))]) as server:
        completion = await answered(server, chat_request("hello"))

    assert (completion.text, completion.finish_reason) == (TEXT, "length")
    assert completion.usage == TokenUsage(11, 7)
    assert 0 < completion.duration_s <= loop.time() - began


@pytest.mark.parametrize("piece_chars", [1, 3, None])
async def test_a_stream_is_its_pieces_and_then_the_whole(piece_chars: int | None) -> None:
    reply = Reply(TEXT, piece_chars=piece_chars, usage=TokenUsage(11, 7))
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)]) as llm:
        texts, completion = await streamed(llm, chat_request("hello"))

    assert "".join(texts) == completion.text == TEXT
    assert all(texts)
    assert completion.usage == TokenUsage(11, 7)


async def test_pieces_arrive_while_the_model_still_writes() -> None:
    writing = Reply(TEXT, fault=Fault("stall", after=1))
    async with ModelServer([Rule(writing)]) as server, open_llm([server_entry(server)]) as llm:
        async for item in llm.stream(chat_request("hello", timeout_s=60)):
            assert isinstance(item, TextDelta)
            assert server.log.in_flight == 1
            break


@pytest.mark.parametrize("place", ["when_asked", "last_piece"])
async def test_usage_is_found_wherever_a_server_puts_it(place: str) -> None:
    reply = Reply("a b c", usage=TokenUsage(5, 3), usage_place="last_piece" if place == "last_piece" else "when_asked")
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)]) as llm:
        assert (await streamed(llm, chat_request("hello")))[1].usage == TokenUsage(5, 3)


async def test_usage_is_estimated_and_says_so_when_a_server_does_not_count() -> None:
    rules = [Rule(Reply("12345678", usage_place="never"))]
    async with ModelServer(rules) as server, open_llm([server_entry(server)]) as llm:
        _, from_stream = await streamed(llm, chat_request("1234"))
        whole = await llm.complete(chat_request("1234"))

    assert from_stream.usage == whole.usage == TokenUsage(1, 2, estimated=True)


async def test_a_stream_without_done_is_complete_after_its_finish_reason() -> None:
    async with ModelServer([Rule(Reply(TEXT, done=False))]) as server, open_llm([server_entry(server)]) as llm:
        assert (await streamed(llm, chat_request("hello")))[1].text == TEXT


async def test_thinking_stays_out_of_both_kinds_of_answer() -> None:
    reply = Reply("<think>let me see</think>\n\nForty-two.", reasoning="more of it", piece_chars=2)
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)]) as llm:
        texts, _ = await streamed(llm, chat_request("hello"))
        whole = await llm.complete(chat_request("hello"))

    assert "".join(texts) == whole.text == "Forty-two."


async def test_a_server_that_ignores_stream_is_understood() -> None:
    body = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"all at once"},"finish_reason":"stop"}]}'
    async with ModelServer([Rule(Reply(raw=body))]) as server, open_llm([server_entry(server)]) as llm:
        texts, completion = await streamed(llm, chat_request("hello"))

    assert texts == ["all at once"]
    assert completion.text == "all at once"


async def test_a_schema_reaches_the_server_under_its_title() -> None:
    async with ModelServer() as server:
        completion = await answered(server, chat_request("plan #abc", schema=SCHEMA))
        (call,) = server.calls

    assert call.stage == "planner"
    assert "#abc" in completion.text


def refusing(*formats: OutputFormat) -> list[Rule]:
    refusals = [Rule(error_reply(400, "unsupported response_format"), output_format=kind) for kind in formats]
    return [*refusals, Rule(Reply('{"tasks":[]}'))]


@pytest.mark.parametrize(("formats", "calls"), [((), 1), (("json_schema",), 2), (("json_schema", "json_object"), 3)])
async def test_a_server_without_schemas_is_asked_for_less_once(formats: tuple[OutputFormat, ...], calls: int) -> None:
    async with ModelServer(refusing(*formats)) as server, open_llm([server_entry(server)]) as llm:
        first = await llm.complete(chat_request("plan", schema=SCHEMA))
        asked_first = len(server.calls)
        _, second = await streamed(llm, chat_request("plan", schema=SCHEMA))

        assert first.text == second.text == '{"tasks":[]}'
        assert asked_first == calls
        await server.log.wait_ended(calls + 1)
        assert len(server.calls) == calls + 1


async def test_a_request_refused_in_every_form_is_refused_and_nothing_is_remembered() -> None:
    async with ModelServer([Rule(error_reply(400))]) as server, open_llm([server_entry(server)]) as llm:
        for _ in range(2):
            with pytest.raises(ModelRefused):
                await llm.complete(chat_request("plan", schema=SCHEMA))

        assert len(server.calls) == 6


async def test_the_model_reference_chooses_the_server() -> None:
    async with ModelServer([Rule(Reply("one"))]) as one, ModelServer([Rule(Reply("two"))]) as two:
        entries = [server_entry(one, name="one"), server_entry(two, name="two")]
        async with open_llm(entries) as llm:
            for name in ("one", "two"):
                request = ModelRequest(ModelRef(model="m", server=name), chat_request("hello").messages, timeout_s=5)
                assert (await llm.complete(request)).text == name
            with pytest.raises(ModelRefused, match="'three'"):
                await llm.complete(ModelRequest(ModelRef(model="m", server="three"), request.messages, timeout_s=5))


async def test_two_hundred_calls_at_once_get_each_its_own_answer() -> None:
    all_there = asyncio.Event()
    reply = Reply(lambda prompt: f"about {prompt.token} only", released=all_there)
    async with ModelServer([Rule(reply)]) as server, open_llm([server_entry(server)]) as llm:

        async def ask(number: int) -> str:
            request = chat_request(f"question #n{number}", timeout_s=60)
            if number % 2:
                return (await llm.complete(request)).text
            return (await streamed(llm, request))[1].text

        asking = asyncio.gather(*(ask(number) for number in range(200)))
        await server.log.wait_started(200)
        all_there.set()
        answers = await asking

        assert answers == [f"about #n{number} only" for number in range(200)]
        assert server.log.max_in_flight == 200
        await server.log.wait_ended(200)
        assert server.log.in_flight == 0


async def test_connections_are_kept_for_the_next_call_and_closed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.adapters.models.openai_chat.open_stream._DRAIN_S", 30.0)
    limits = ClientLimits(keepalive_s=60)
    async with ModelServer([Rule(Reply("hello there", end_delay_s=0.005))]) as server:
        async with open_llm([server_entry(server)], limits=limits, retry=CallRetryPolicy(repeats=0)) as llm:
            for _ in range(5):
                await llm.complete(chat_request("hello"))
                await streamed(llm, chat_request("hello"))
            assert len({call.connection for call in server.calls}) == 1
        await server.wait_connections(0)


async def test_a_server_that_lingers_after_its_answer_keeps_nobody_waiting() -> None:
    async with ModelServer([Rule(Reply(TEXT, end_delay_s=60))]) as server, open_llm([server_entry(server)]) as llm:
        async with waiting(30):
            whole = await llm.complete(chat_request("hello", timeout_s=60))
            _, last = await streamed(llm, chat_request("hello", timeout_s=60))
        await server.wait_connections(0)

    assert whole.text == last.text == TEXT


async def test_an_unfinished_farewell_after_the_finish_reason_costs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.adapters.models.openai_chat.open_stream._USAGE_TIMEOUT_S", 0.1)
    rules = [Rule(Reply(TEXT, done=False, end_delay_s=3600))]
    async with ModelServer(rules) as server, open_llm([server_entry(server, stream=True)]) as llm:
        assert (await llm.complete(chat_request("hello", timeout_s=60))).text == TEXT


async def test_small_writes_do_not_wait_for_acknowledgements() -> None:
    """Without TCP_NODELAY on both ends every exchange would wait about 40 ms for a delayed acknowledgement."""
    async with ModelServer([Rule(Reply("ok"))]) as server, open_llm([server_entry(server)]) as llm:
        await llm.complete(chat_request("hello"))
        port = urlsplit(server.url).port
        ends = [each for each in _sockets() if port in (each.getsockname()[1], each.getpeername()[1])]
        assert [bool(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) for each in ends] == [True, True]


def _sockets() -> Iterator[asyncio.trsock.TransportSocket]:
    """Yield the connected sockets of all loops of this process."""
    for each in gc.get_objects():
        if issubclass(type(each), asyncio.Transport) and not each.is_closing():
            end = each.get_extra_info("socket")
            if end is not None and end.family == socket.AF_INET:
                yield end


async def test_a_server_that_knows_salts_gets_that_of_the_tenant_that_is_served() -> None:
    rule = Rule(Reply(lambda prompt: prompt.cache_salt or "none"))
    async with ModelServer([rule]) as server:
        salted = replace(server_entry(server), cache_salt=True)
        async with (
            open_llm([salted], salt_key="root") as llm,
            open_llm([server_entry(server)], salt_key="root") as plain,
        ):
            with tenant_scope("acme"):
                said = [(await each.complete(chat_request("hello"))).text for each in (llm, plain)]
    assert said == [cache_salt("root", "acme"), "none"]
