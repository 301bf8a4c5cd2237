"""OpenAI's Responses by the official SDK, over gateways as they are put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.responses import Response, ResponseCompletedEvent

from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.record import Record
from libs.contracts.topics import ANSWER_FINISHED
from libs.ports.deltas import Delta
from libs.testing.waiting import eventually
from tests.support.cluster import OURS, THEIRS, Cluster, Gateway, gateway, opened, started
from tests.support.gateway import answered, failed, pieces

MODEL = "moe-orchestrator"
WORDS = ["Water ", "boils ", "earlier ", "on ", "mountains."]
TEXT = "".join(WORDS)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


@asynccontextmanager
async def sdk(instance: Gateway, key: str = OURS) -> AsyncIterator[openai.AsyncOpenAI]:
    url = f"{instance.client.base_url}/v1"
    async with openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=20) as client:
        yield client


async def told(cluster: Cluster, request: RequestOpened, words: list[str]) -> None:
    for delta in (Delta("promote", "p1.aa"), *pieces("p1.aa", words)):
        await cluster.deltas.append(request.envelope.response_id, delta)


async def answer(cluster: Cluster, text: str) -> None:
    await cluster.finish(await opened(cluster), answered(text))


async def asking(cluster: Cluster, text: str) -> RequestOpened:
    """Wait for the accepted request with this question."""

    def found() -> RequestOpened | None:
        return next((each for each in cluster.all(RequestOpened) if each.question.text == text), None)

    return await eventually(found, within_s=30, look_every_s=0.005)


async def asked(client: openai.AsyncOpenAI, cluster: Cluster, text: str, **fields: Any) -> Any:  # noqa: ANN401
    made = started(client.responses.create(model=MODEL, **fields))
    await cluster.finish(await asking(cluster, fields["input"]), answered(text))
    return await made


async def test_a_whole_response_says_what_was_asked(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, sdk(first) as client:
        made = await asked(
            client, cluster, TEXT, input="Why?", instructions="Be brief.", metadata={"a": "b"}, max_output_tokens=99
        )
        shown = await client.responses.retrieve(made.id)
        request = await opened(cluster)
    assert (made.output_text, made.status, made.metadata, made.max_output_tokens) == (TEXT, "completed", {"a": "b"}, 99)
    assert (request.question.instructions, request.question.max_tokens) == ("Be brief.", 99)
    assert shown.model_dump(exclude={"output_text"}) == made.model_dump()


async def test_every_gateway_names_the_same_end_of_a_response(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, sdk(first) as client, sdk(second) as other:
        stream = started(completed(client))
        await answer(cluster, TEXT)
        streamed = await stream
        shown = [await each.responses.retrieve(streamed.id) for each in (client, other)]
    began = (await opened(cluster)).accepted_at
    (at_ms,) = {each.timestamp_ms for each in cluster.broker.records() if is_end(each)}
    assert int(began) <= at_ms // 1000
    assert [each.completed_at for each in (streamed, *shown)] == [at_ms // 1000] * 3


async def completed(client: openai.AsyncOpenAI) -> Response:
    """Response of the last event of a stream."""
    async with await client.responses.create(model=MODEL, input="Why?", stream=True) as events:
        (response,) = [event.response async for event in events if isinstance(event, ResponseCompletedEvent)]
    return response


def is_end(record: Record) -> bool:
    return record.topic == ANSWER_FINISHED.name and ("schema", b"answer-finished.v1") in record.headers


async def test_a_conversation_goes_on_from_a_response(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, sdk(first) as client, sdk(second) as other:
        before = await asked(client, cluster, "Less pressure.", input="Why?", instructions="Be brief.")
        await asked(other, cluster, "At 70 degrees.", input="And on Everest?", previous_response_id=before.id)
        question = (await asking(cluster, "And on Everest?")).question
    assert [(turn.speaker, turn.text) for turn in question.history] == [
        ("user", "Why?"),
        ("assistant", "Less pressure."),
    ]
    assert (question.text, question.instructions) == ("And on Everest?", "")


async def test_the_whole_chain_is_the_conversation(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, sdk(first) as client:
        one = await asked(client, cluster, "A1", input="Q1")
        two = await asked(client, cluster, "A2", input="Q2", previous_response_id=one.id)
        await asked(client, cluster, "A3", input="Q3", previous_response_id=two.id)
        question = (await asking(cluster, "Q3")).question
    assert [turn.text for turn in question.history] == ["Q1", "A1", "Q2", "A2"]


async def test_nobody_goes_on_from_a_foreign_response(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, sdk(first) as ours, sdk(first, THEIRS) as theirs:
        before = await asked(ours, cluster, "Secret.", input="Why?")
        with pytest.raises(openai.NotFoundError):
            await theirs.responses.create(model=MODEL, input="And?", previous_response_id=before.id)
        with pytest.raises(openai.NotFoundError):
            await ours.responses.create(model=MODEL, input="And?", previous_response_id="chatcmpl-unknown")


async def test_nobody_goes_on_from_what_has_no_answer(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, sdk(first) as client:
        running = await client.responses.create(model=MODEL, input="Why?", background=True)
        with pytest.raises(openai.BadRequestError, match="has not ended"):
            await client.responses.create(model=MODEL, input="And?", previous_response_id=running.id)
        await cluster.finish(await opened(cluster), failed("model_unavailable", "Gone."))
        with pytest.raises(openai.BadRequestError, match="no answer"):
            await eventually_refused(client, running.id)


async def eventually_refused(client: openai.AsyncOpenAI, response_id: str) -> None:
    async def failed() -> bool:
        return (await client.responses.retrieve(response_id)).status == "failed"

    await eventually(failed, within_s=30)
    await client.responses.create(model=MODEL, input="And?", previous_response_id=response_id)


async def test_the_background_answers_at_once_and_goes_on_without_its_client(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        async with sdk(first) as client:
            queued = await client.responses.create(model=MODEL, input="Why?", background=True)
        assert (queued.status, queued.background) == ("queued", True)
        await answer(cluster, TEXT)
        async with sdk(second) as other:

            async def text() -> str | None:
                shown = await other.responses.retrieve(queued.id)
                return shown.output_text if shown.status == "completed" else None

            assert await eventually(text, within_s=30) == TEXT
    assert cluster.all(RequestCancelled) == []


async def test_a_stream_is_taken_up_elsewhere_by_a_number_alone(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, sdk(first) as client, sdk(second) as other:
        stream = await client.responses.create(model=MODEL, input="Why?", background=True, stream=True)
        seen: list[Any] = []
        await told(cluster, await opened(cluster), WORDS[:2])
        async for event in stream:
            seen.append(event)
            if event.type == "response.output_text.delta" and event.delta == WORDS[1]:
                break
        await first.bus.crash()
        after = seen[-1].sequence_number
        await cluster.finish(await opened(cluster), answered(TEXT))
        rest: list[Any] = [
            e async for e in await other.responses.retrieve(seen[0].response.id, stream=True, starting_after=after)
        ]
    texts = [event.delta for event in [*seen, *rest] if event.type == "response.output_text.delta"]
    assert "".join(texts) == TEXT
    assert rest[0].type == "response.output_text.delta"
    assert (rest[-1].type, rest[-1].response.output_text) == ("response.completed", TEXT)
    numbers = [event.sequence_number for event in [*seen, *rest]]
    assert numbers == sorted(set(numbers))


async def test_another_text_than_the_one_sent_is_noticed_by_the_number(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second, sdk(first) as client, sdk(second) as other:
        stream = await client.responses.create(model=MODEL, input="Why?", stream=True)
        await told(cluster, await opened(cluster), ["Water "])
        seen = []
        async for event in stream:
            seen.append(event)
            if event.type == "response.output_text.delta":
                break
        await first.bus.crash()
        await cluster.finish(await opened(cluster), answered("Steam boils."))
        made: Any = seen[0]
        after = seen[-1].sequence_number
        rest = [e async for e in await other.responses.retrieve(made.response.id, stream=True, starting_after=after)]
    assert [event.type for event in rest] == ["response.failed"]


async def test_a_number_is_no_place_in_a_stream_of_another_protocol(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first:
        made = started(first.ask("Why?"))
        await answer(cluster, TEXT)
        response_id = (await made).json()["id"]
        wrong = await first.get(response_id, "?stream=true&starting_after=7")
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "starting_after")


async def test_a_message_is_taken_up_elsewhere_in_the_same_block(cluster: Cluster) -> None:
    body = {"model": MODEL, "max_tokens": 50, "messages": [{"role": "user", "content": "Why?"}], "stream": True}
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        lines: list[str] = []
        async with first.client.stream("POST", "/v1/messages", json=body) as response:
            await told(cluster, await opened(cluster), WORDS[:2])
            async for line in response.aiter_lines():
                lines.append(line)
                if "boils" in line:
                    break
        event_id = next(line for line in reversed(lines) if line.startswith("id: ")).removeprefix("id: ")
        await cluster.finish(await opened(cluster), answered(TEXT))
        rest = await second.get(event_id.partition("/")[0], "?stream=true", **{"last-event-id": event_id})
    names = [line.removeprefix("event: ") for line in rest.text.split("\n") if line.startswith("event: ")]
    assert names == ["content_block_delta", "content_block_stop", "message_delta", "message_stop"]
    assert '"index":0,"delta":{"type":"text_delta","text":"earlier on mountains."}' in rest.text
