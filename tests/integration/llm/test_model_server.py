"""The scripted server as any other client sees it, and as a process."""

import asyncio
import signal
import sys

import httpx
import openai
import pytest

from libs.testing.model_server import Fault, ModelServer, Reply, Rule
from libs.testing.model_server.script import FaultKind

BODY = {"model": "m", "messages": [{"role": "user", "content": "why #abc?"}]}


async def test_the_openai_sdk_understands_both_kinds_of_answer() -> None:
    async with ModelServer() as server, openai.AsyncOpenAI(base_url=server.url, api_key="any", max_retries=0) as client:
        whole = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "why #abc?"}])
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "why #abc?"}], stream=True
        )
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
        models = await client.models.list()

    assert whole.choices[0].message.content == "".join(pieces)
    assert "#abc" in "".join(pieces)
    assert [model.id for model in models.data] == ["scripted"]


@pytest.mark.parametrize("kind", ["hang_up", "reset", "truncate"])
async def test_whole_replies_break_off_too(kind: FaultKind) -> None:
    async with ModelServer([Rule(Reply("text", fault=Fault(kind)))]) as server, httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.post(f"{server.url}/chat/completions", json=BODY)


async def test_the_log_tells_what_ran_at_the_same_time() -> None:
    async with ModelServer([Rule(Reply("text", delay_s=0.05))]) as server, httpx.AsyncClient() as client:
        await asyncio.gather(*(client.post(f"{server.url}/chat/completions", json=BODY) for _ in range(3)))

        assert server.log.max_in_flight == 3
        assert max(call.started for call in server.calls) < min(call.ended for call in server.calls)
        assert all(call.ended - call.started >= 0.05 for call in server.calls)


async def test_a_model_with_few_slots_lets_the_others_wait() -> None:
    async with ModelServer([Rule(Reply("text", delay_s=0.05))], slots=1) as server, httpx.AsyncClient() as client:
        await asyncio.gather(*(client.post(f"{server.url}/chat/completions", json=BODY) for _ in range(3)))

        first, second, third = sorted(call.ended for call in server.calls)
        assert min(second - first, third - second) >= 0.045


async def test_no_matching_rule_is_an_error_not_silence() -> None:
    async with ModelServer([Rule(Reply("x"), model="other")]) as server, httpx.AsyncClient() as client:
        reply = await client.post(f"{server.url}/chat/completions", json=BODY)

    assert reply.status_code == 500


async def test_it_runs_as_a_process_and_ends_on_a_signal() -> None:
    arguments = ("-m", "libs.testing.model_server", "--delay-ms", "20", "--tasks", "2")
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{url}/chat/completions", json=BODY)
        log = (await client.get(url.removesuffix("/v1") + "/calls")).json()
        await client.delete(url.removesuffix("/v1") + "/calls")
        emptied = (await client.get(url.removesuffix("/v1") + "/calls")).json()
    process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert "#abc" in reply.text
    assert [(call["token"], call["stage"]) for call in log["calls"]] == [("#abc", "chat")]
    assert emptied["calls"] == []
