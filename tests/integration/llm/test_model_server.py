"""The scripted server as any other client sees it, and as a process."""

import asyncio
import signal
import sys

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from libs.testing.model_server import Fault, ModelServer, Prompt, Reply, Rule, ToolUse
from libs.testing.model_server.script import FaultKind
from libs.testing.waiting import waiting

ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": "why #abc?"}]
BODY = {"model": "m", "messages": ASKED}


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


WEATHER: ChatCompletionToolParam = {"type": "function", "function": {"name": "weather", "parameters": {}}}
CALLS = (ToolUse("weather", '{"city": "Bern"}'), ToolUse("weather", '{"city": "Rome"}'))


def results_of(prompt: Prompt) -> str:
    return f"It says {', '.join(prompt.tool_results)}."


TALK = (
    Rule(Reply(results_of), tool_results=True),
    Rule(Reply(tool_calls=CALLS), tool="weather"),
    Rule(Reply("No tool.")),
)


async def test_tools_are_called_whole_and_in_pieces() -> None:
    async with ModelServer(TALK) as server, openai.AsyncOpenAI(base_url=server.url, api_key="any") as client:
        whole = await client.chat.completions.create(model="m", messages=ASKED, tools=[WEATHER])
        async with client.chat.completions.stream(model="m", messages=ASKED, tools=[WEATHER]) as stream:
            streamed = await stream.get_final_completion()

    for choice in (whole.choices[0], streamed.choices[0]):
        calls = [call for call in choice.message.tool_calls or () if call.type == "function"]
        assert [(call.id, call.function.arguments) for call in calls] == [
            ("call_0", '{"city": "Bern"}'),
            ("call_1", '{"city": "Rome"}'),
        ]
        assert choice.finish_reason == "tool_calls"


async def test_what_a_tool_gave_is_read() -> None:
    call = {"id": "call_0", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    said = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {"model": "m", "messages": [*ASKED, said, {"role": "tool", "tool_call_id": "call_0", "content": "rain"}]}
    async with ModelServer(TALK) as server, httpx.AsyncClient() as client:
        answer = await client.post(f"{server.url}/chat/completions", json=body)

    assert answer.json()["choices"][0]["message"]["content"] == "It says rain."


async def test_a_result_without_its_call_is_refused() -> None:
    body = {"model": "m", "messages": [{"role": "tool", "content": "rain"}]}
    async with ModelServer(TALK) as server, httpx.AsyncClient() as client:
        assert (await client.post(f"{server.url}/chat/completions", json=body)).status_code == 400


async def test_images_are_counted_and_texts_of_parts_are_joined() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    parts = [{"type": "text", "text": "What is "}, image, {"type": "text", "text": "this?"}]
    seen = Rule(Reply(lambda prompt: f"{prompt.images} image, {prompt.user}"))
    async with ModelServer([seen]) as server, httpx.AsyncClient() as client:
        body = {"model": "m", "messages": [{"role": "user", "content": parts}]}
        answer = await client.post(f"{server.url}/chat/completions", json=body)

    assert answer.json()["choices"][0]["message"]["content"] == "1 image, What is this?"


@pytest.mark.parametrize("kind", ["hang_up", "reset", "truncate"])
async def test_whole_replies_break_off_too(kind: FaultKind) -> None:
    async with ModelServer([Rule(Reply("text", fault=Fault(kind)))]) as server, httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.post(f"{server.url}/chat/completions", json=BODY)


async def test_the_log_tells_what_ran_at_the_same_time() -> None:
    all_there = asyncio.Event()
    held = Rule(Reply("text", delay_s=0.05, released=all_there))
    async with ModelServer([held]) as server, httpx.AsyncClient(timeout=30) as client:
        asking = asyncio.gather(*(client.post(f"{server.url}/chat/completions", json=BODY) for _ in range(3)))
        await server.log.wait_started(3)
        all_there.set()
        await asking

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
    async with waiting(60):
        url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{url}/chat/completions", json=BODY)
        log = (await client.get(url.removesuffix("/v1") + "/calls")).json()
        await client.delete(url.removesuffix("/v1") + "/calls")
        emptied = (await client.get(url.removesuffix("/v1") + "/calls")).json()
    process.send_signal(signal.SIGTERM)

    async with waiting(60):
        assert await process.wait() == 0
    assert "#abc" in reply.text
    assert [(call["token"], call["stage"]) for call in log["calls"]] == [("#abc", "chat")]
    assert emptied["calls"] == []


async def test_like_texts_are_near() -> None:
    async with ModelServer() as server, openai.AsyncOpenAI(base_url=server.url, api_key="any") as client:
        answer = await client.embeddings.create(model="m", input=["a bat", "a tab", "xyz"])
    bat, tab, other = (each.embedding for each in answer.data)
    assert bat == tab
    assert sum(one * two for one, two in zip(bat, other, strict=True)) == 0
