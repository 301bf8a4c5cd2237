"""The gateway on a real store of deltas, and on one that dies in the middle."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.adapters.valkey.deltas import ValkeyDeltaReader, ValkeyDeltaWriter
from libs.contracts.question import QuestionAsked
from libs.ports.deltas import Delta
from libs.testing.store_timeouts import wait_for_valkey
from tests.support.gateway import PARTITION, Fleet, answered, open_gateway, pieces
from tests.support.sse import Stream, events_of
from tests.support.valkey_process import Store

WORDS = ["Water ", "boils ", "earlier ", "on ", "mountains."]


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    wait_for_valkey(monkeypatch)  # a store logs its failure
    started = Store(tmp_path)
    await started.start()
    yield started
    started.kill()


@pytest.mark.parametrize("dies", [False, True])
async def test_the_text_flows_and_is_whole_even_if_the_store_dies(store: Store, *, dies: bool) -> None:
    seen = asyncio.Event()

    async def react(fleet: Fleet, question: QuestionAsked) -> None:
        response_id = question.envelope.response_id
        first, *rest = pieces("p1.aa", WORDS)
        for delta in (Delta("promote", "p1.aa"), first):
            await writer.append(response_id, delta)
        await seen.wait()
        if dies:
            store.kill()
        for delta in rest:
            await writer.append(response_id, delta)
        await fleet.finish(question, answered("".join(WORDS)))

    stream = Stream()
    body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    async with (
        ValkeyDeltaReader(store.url, PARTITION) as reader,
        ValkeyDeltaWriter(store.url) as writer,
        open_gateway(react, reader=reader) as gateway,
    ):
        await reader.listening()
        async with gateway.client.stream("POST", "/v1/chat/completions", json=body) as response:
            async for event in events_of(response):
                stream.events.append(event)
                if stream.text == WORDS[0]:
                    seen.set()
    assert seen.is_set()
    assert stream.text == "".join(WORDS)
    assert stream.done


async def test_without_a_store_the_answer_comes_in_one_piece(store: Store) -> None:
    store.kill()

    async def react(fleet: Fleet, question: QuestionAsked) -> None:
        await writer.append(question.envelope.response_id, Delta("progress", text="Planning"))
        await fleet.finish(question, answered("Whole"))

    async with (
        ValkeyDeltaReader(store.url, PARTITION) as reader,
        ValkeyDeltaWriter(store.url) as writer,
        open_gateway(react, reader=reader) as gateway,
    ):
        response = await gateway.ask(stream=True)
    assert "Whole" in response.text
    assert response.text.endswith("data: [DONE]\n\n")
