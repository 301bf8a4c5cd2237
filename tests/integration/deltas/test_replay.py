"""Resuming a response: stored deltas, then new ones, whichever instance owns it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.adapters.valkey.deltas import ValkeyDeltaReader, ValkeyDeltaWriter
from libs.core.ids import new_response_id
from libs.ports.deltas import Delta
from libs.testing.waiting import waiting
from tests.support.valkey_process import PATIENCE_S, Store

ELSEWHERE = new_response_id(9, 1_700_000_000.0)
PIECES = [Delta("text", "p1.abcd", index, str(index)) for index in range(6)]


async def take(entries: AsyncIterator[Delta], count: int) -> list[Delta]:
    async with waiting(PATIENCE_S):
        return [await anext(entries) for _ in range(count)]


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[ValkeyDeltaWriter]:
    async with ValkeyDeltaWriter(store.url, probe_every_s=0.05) as opened:
        yield opened


async def written(writer: ValkeyDeltaWriter, *deltas: Delta) -> None:
    for delta in deltas:
        await writer.append(ELSEWHERE, delta)


async def test_the_past_comes_first_and_the_present_follows(store: Store, writer: ValkeyDeltaWriter) -> None:
    await written(writer, *PIECES[:3])
    async with ValkeyDeltaReader(store.url, 1) as reader, reader.replay(ELSEWHERE) as entries:
        past = await take(entries, 3)
        await written(writer, *PIECES[3:])
        assert past + await take(entries, 3) == PIECES


async def test_a_replay_may_begin_before_the_first_entry(store: Store, writer: ValkeyDeltaWriter) -> None:
    async with ValkeyDeltaReader(store.url, 1) as reader, reader.replay(ELSEWHERE) as entries:
        first = asyncio.get_running_loop().create_task(take(entries, 1))
        await written(writer, PIECES[0])
        assert await first == PIECES[:1]


async def test_a_store_that_is_away_is_asked_again(store: Store) -> None:
    store.kill()
    async with ValkeyDeltaReader(store.url, 1) as reader, reader.replay(ELSEWHERE) as entries:
        first = asyncio.get_running_loop().create_task(take(entries, 1))
        await store.start()
        async with ValkeyDeltaWriter(store.url) as writer:
            await written(writer, PIECES[0])
            assert await first == PIECES[:1]
