"""Direct requests whose model, client or gateway fails."""

import asyncio
from pathlib import Path

import pytest

from libs.contracts.model_call import Usage
from libs.testing.model_server import Fault, Reply, Rule, error_reply
from libs.testing.waiting import eventually
from services.gateway.direct.watchdog import CallTimeouts
from tests.support.cluster import question, started
from tests.support.direct_gateway import WEATHER, DirectGateway, DirectSetting, direct_gateway
from tests.support.sse import Stream, events_of, read_stream

HASTY = CallTimeouts(call_s=0.3, idle_s=0.2, write_s=5.0, quiet_s=0.05)
QUIET = CallTimeouts(quiet_s=0.03)
SLOWLY = Reply("one two three four", piece_delay_s=60)


def going_wrong(kind: str, after: int = 2) -> Rule:
    return Rule(Reply("one two three four", fault=Fault(kind, after)))  # type: ignore[arg-type]


async def told(direct: DirectGateway, *, stream: bool = False) -> tuple[int, str, str]:
    """Status, code, and `x-should-retry`."""
    response = await direct.ask(stream=stream)
    return response.status_code, response.json()["error"]["code"], response.headers.get("x-should-retry", "")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error_reply(400, "bad"), (400, "scripted_error", "false")),
        (error_reply(400, "x", code="context_length_exceeded"), (400, "context_length_exceeded", "false")),
        (error_reply(404, "no model", code="model_not_found"), (404, "model_not_found", "false")),
        (error_reply(422, "no"), (422, "scripted_error", "false")),
        (error_reply(429, "slow down", retry_after="7"), (429, "rate_limit_exceeded", "")),
        (error_reply(401, "who are you"), (502, "model_server_misconfigured", "false")),
        (error_reply(500, "oh"), (502, "model_failed", "false")),
        (error_reply(503, "later"), (503, "model_unavailable", "")),
        (Reply(raw=b"<html>", content_type="text/html"), (502, "model_server_misconfigured", "false")),
        (Reply(raw=b"[]"), (502, "stream_broken", "false")),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_of_the_server_has_a_status(
    tmp_path: Path, reply: Reply, expected: tuple[int, str, str], stream: bool
) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(reply)) as direct:
        assert await told(direct, stream=stream) == expected


async def test_the_words_of_the_server_stay_inside(tmp_path: Path) -> None:
    async with direct_gateway(
        DirectSetting(tmp_path), Rule(error_reply(400, "at http://10.0.0.7 with key sk-secret"))
    ) as direct:
        text = (await direct.ask()).text
        assert not any(word in text for word in ("10.0.0.7", "sk-secret", direct.models.url))


async def test_the_pause_that_the_server_asks_for_is_told(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(error_reply(429, "x", retry_after="7"))) as direct:
        assert (await direct.ask()).headers["retry-after"] == "7"


async def test_a_server_that_is_away_may_be_asked_again(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("x"))) as direct:
        await direct.models.__aexit__(None, None, None)
        assert await told(direct) == (503, "model_unavailable", "")
        logged = await direct.logged()
        assert (logged.outcome, logged.usage) == ("failed", Usage())


@pytest.mark.parametrize("kind", ["truncate", "malformed", "reset", "error"])
async def test_a_stream_that_breaks_ends_with_an_error_and_without_done(tmp_path: Path, kind: str) -> None:
    async with direct_gateway(DirectSetting(tmp_path), going_wrong(kind)) as direct:
        stream = await read_stream(await direct.ask(stream=True))
        assert (stream.text, len(stream.errors), stream.done) == ("one two ", 1, False)
        logged = await direct.logged()
        assert (logged.outcome, logged.answer) == ("failed", "one two ")


async def test_a_model_that_falls_silent_ends_the_stream(tmp_path: Path) -> None:
    async with direct_gateway(
        DirectSetting(tmp_path, timeouts=CallTimeouts(idle_s=0.1, quiet_s=0.05)), going_wrong("stall")
    ) as direct:
        stream = await read_stream(await direct.ask(stream=True))
        assert [error["code"] for error in stream.errors] == ["model_stalled"]


async def test_a_model_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path, timeouts=HASTY), Rule(Reply("x", delay_s=9))) as direct:
        assert await told(direct) == (504, "deadline_exceeded", "false")
        assert (await direct.logged()).outcome == "expired"


async def test_a_silent_connection_gets_signs_of_life(tmp_path: Path) -> None:
    released = asyncio.Event()
    async with direct_gateway(
        DirectSetting(tmp_path, timeouts=QUIET), Rule(Reply("late", released=released))
    ) as direct:
        _, stream = await told_after_signs(direct, released, signs=2)
        assert (stream.text, stream.done) == ("late", True)


async def test_an_error_after_a_sign_of_life_is_a_frame(tmp_path: Path) -> None:
    released = asyncio.Event()
    late = Reply(status=500, raw=b"{}", released=released)
    async with direct_gateway(DirectSetting(tmp_path, timeouts=QUIET), Rule(late)) as direct:
        status, stream = await told_after_signs(direct, released, signs=1)
        assert (status, [error["code"] for error in stream.errors]) == (200, ["model_failed"])


async def told_after_signs(direct: DirectGateway, released: asyncio.Event, signs: int) -> tuple[int, Stream]:
    """Let the model answer after so many keep-alives; return the client's response."""
    stream, body = Stream(), question("What is the weather?", tools=[WEATHER], stream=True)
    async with direct.gateway.client.stream("POST", "/v1/chat/completions", json=body) as response:
        reading = started(read_stream(response, stream))
        await eventually(lambda: len(stream.comments) >= signs, within_s=30)
        released.set()
        return response.status_code, await reading


async def first_piece(direct: DirectGateway, seen: Stream) -> None:
    """Read up to the first text, then leave."""
    request = direct.gateway.client.build_request(
        "POST",
        "/v1/chat/completions",
        json={
            "model": "x@scripted",
            "stream": True,
            "messages": [{"role": "user", "content": "12345678"}],
        },
    )
    response = await direct.gateway.client.send(request, stream=True)
    async for event in events_of(response):
        seen.events.append(event)
        if seen.text:
            break
    await response.aclose()


async def test_a_client_that_leaves_ends_the_call(tmp_path: Path) -> None:
    async with direct_gateway(
        DirectSetting(tmp_path), Rule(Reply("word " * 1000, piece_delay_s=0.02, usage_place="never"))
    ) as direct:
        await first_piece(direct, Stream())
        await direct.models.log.wait_ended(1)
        assert direct.models.calls[0].disconnected
        logged = await direct.logged()
        assert logged.outcome == "cancelled"
        assert logged.usage.prompt_tokens == 2
        assert logged.usage.completion_tokens >= 1


async def test_a_client_that_leaves_before_the_first_word_ends_the_call(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("late", delay_s=30))) as direct:
        asking = started(direct.gateway.ask("Hi", model="x@scripted"))
        await direct.models.log.wait_started(1)
        asking.cancel()
        logged = await direct.logged()
        assert (logged.outcome, logged.usage.prompt_tokens) == ("cancelled", 1)
        assert direct.proxy.admission.open == 0


async def test_a_call_that_is_broken_off_has_cost_the_tools_that_it_brought(tmp_path: Path) -> None:
    tool = {"type": "function", "function": {"name": "f", "description": "d" * 100_000}}
    async with direct_gateway(DirectSetting(tmp_path), going_wrong("truncate")) as direct:
        await read_stream(await direct.ask(stream=True, tools=[tool]))
        logged = await direct.logged()
        assert (logged.outcome, logged.usage.prompt_tokens > 25_000) == ("failed", True)


async def test_an_answer_that_is_too_long_is_broken_off(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path, answer_bytes=100), Rule(Reply("word " * 100))) as direct:
        assert await told(direct) == (502, "stream_broken", "false")


async def test_a_stop_ends_what_is_open_with_an_error(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(SLOWLY), Rule(SLOWLY)) as direct:
        asking = started(direct.ask(stream=True))
        await direct.models.log.wait_started(1)
        await direct.proxy.drain(0.0)
        stream = await read_stream(await asking) if (await asking).status_code == 200 else None
        codes = [error["code"] for error in stream.errors] if stream else [(await asking).json()["error"]["code"]]
        assert codes == ["stopping"]
        assert (await direct.ask()).status_code == 503


async def test_models_answer_while_the_fleet_is_full(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path, fleet_places=1), Rule(Reply("Sunny."))) as direct:
        with direct.gateway.fleet.pending_replies.pending("chatcmpl-other", "default"):
            assert (await direct.ask()).status_code == 200
            assert (await direct.gateway.ask()).status_code == 503
        assert direct.gateway.fleet.pending_replies.in_flight == 0


async def test_over_the_bound_a_request_is_told_when_to_come_again(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path, most=1), Rule(Reply("Sunny."))) as direct:
        with direct.proxy.admission.slot("default"):
            refused = await direct.ask()
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


async def test_a_tenant_has_a_bound_of_its_own(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path, per_tenant=1), Rule(Reply("Sunny."))) as direct:
        with direct.proxy.admission.slot("default"):
            assert (await direct.ask()).status_code == 429
        with direct.proxy.admission.slot("other"):
            assert (await direct.ask()).status_code == 200


async def test_nothing_is_asked_while_records_wait_in_numbers(tmp_path: Path) -> None:
    async with direct_gateway(
        DirectSetting(tmp_path, body_memory=10, outbox_runs=False), Rule(Reply("Sunny."))
    ) as direct:
        assert (await direct.ask()).status_code == 200
        assert await told(direct) == (503, "outbox_full", "")


async def test_a_server_that_will_not_count_is_asked_again_without(tmp_path: Path) -> None:
    refusal = error_reply(400, "unknown field stream_options")
    async with direct_gateway(DirectSetting(tmp_path), Rule(refusal, times=1), Rule(Reply("Sunny."))) as direct:
        assert (await read_stream(await direct.ask(stream=True))).text == "Sunny."


async def test_a_server_that_does_not_stream_is_streamed_for(tmp_path: Path) -> None:
    whole = b'{"choices":[{"message":{"role":"assistant","content":"Sunny."},"finish_reason":"stop"}],"usage":null}'
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply(raw=whole))) as direct:
        stream = await read_stream(await direct.ask(stream=True))
        assert (stream.text, stream.finish_reasons, stream.done) == ("Sunny.", ["stop"], True)
