import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from libs.adapters.valkey.deltas import ValkeyDeltaReader, ValkeyDeltaWriter
from libs.adapters.valkey.deltas.follower import FOLLOWER_LIMIT
from libs.adapters.valkey.deltas.writer import WRITE_TIMEOUT_S as PROMISED_S
from libs.core.ids import new_response_id
from libs.ports.deltas import Delta
from libs.runtime.messaging.delta_coalescer import DeltaCoalescer
from libs.testing.waiting import eventually, waiting
from tests.support.valkey_process import PATIENCE_S, Store

PARTITION = 5
R1, R2 = new_response_id(PARTITION, 1_700_000_000.0), new_response_id(PARTITION, 1_700_000_000.0)
ELSEWHERE = new_response_id(PARTITION + 1, 1_700_000_000.0)


def piece(offset: int, text: str = "x") -> Delta:
    return Delta("text", "p1.abcd", offset, text)


async def take(entries: AsyncIterator[Delta], count: int) -> list[Delta]:
    async with waiting(PATIENCE_S):
        return [await anext(entries) for _ in range(count)]


async def nothing_comes(entries: AsyncIterator[Delta]) -> bool:
    try:
        async with asyncio.timeout(0.1):
            await anext(entries)
    except TimeoutError:
        return True
    return False


@pytest.fixture
async def writer(store: Store) -> AsyncIterator[ValkeyDeltaWriter]:
    async with ValkeyDeltaWriter(store.url, probe_every_s=0.05) as opened:
        yield opened


@pytest.fixture
async def reader(store: Store) -> AsyncIterator[ValkeyDeltaReader]:
    async with ValkeyDeltaReader(store.url, PARTITION) as opened:
        await opened.listening()
        yield opened


async def test_one_subscription_serves_every_response_of_the_instance(
    writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader
) -> None:
    async with reader.follow(R1) as first, reader.follow(R2) as second:
        for delta in (piece(0), Delta("promote", "p1.abcd"), Delta("progress", text="Plan: 2 Schritte läuft")):
            await writer.append(R1, delta)
        await writer.append(R2, piece(7, "other"))
        assert await take(first, 3) == [
            piece(0),
            Delta("promote", "p1.abcd"),
            Delta("progress", text="Plan: 2 Schritte läuft"),
        ]
        assert await take(second, 1) == [piece(7, "other")]


async def test_responses_of_another_instance_are_not_heard(
    writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader
) -> None:
    async with reader.follow(ELSEWHERE) as entries:
        await writer.append(ELSEWHERE, piece(0))
        assert await nothing_comes(entries)


async def test_entries_that_meet_arrive_in_the_order_of_the_calls(
    writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader
) -> None:
    async with reader.follow(R1) as entries:
        await asyncio.gather(*(writer.append(R1, piece(n)) for n in range(500)))
        assert [delta.offset for delta in await take(entries, 500)] == list(range(500))


async def test_entries_that_nobody_waits_for_keep_their_order_among_those_that_are_waited_for(
    writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader
) -> None:
    async with reader.follow(R1) as entries:
        for first in range(0, 60, 3):
            writer.enqueue(R1, piece(first))
            writer.enqueue(R1, piece(first + 1))
            await writer.append(R1, piece(first + 2))
        assert [delta.offset for delta in await take(entries, 60)] == list(range(60))


async def test_the_stream_is_kept_and_expires(store: Store, writer: ValkeyDeltaWriter) -> None:
    await writer.append(R1, piece(0))
    async with Redis.from_url(store.url) as client:
        assert await client.xlen(f"moe:stream:{R1}") == 1
        assert 590 <= await client.ttl(f"moe:stream:{R1}") <= 600


async def test_the_stream_is_capped(store: Store, writer: ValkeyDeltaWriter) -> None:
    for _ in range(26):
        await asyncio.gather(*(writer.append(R1, piece(n)) for n in range(1000)))
    async with Redis.from_url(store.url) as client:
        assert await client.xlen(f"moe:stream:{R1}") < 21_000


async def test_a_slow_reader_loses_the_newest(writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader) -> None:
    async with reader.follow(R1) as entries, reader.follow(R2) as other:
        for start in range(0, FOLLOWER_LIMIT + 200, 200):
            await asyncio.gather(*(writer.append(R1, piece(start + n)) for n in range(200)))
        await writer.append(R2, piece(0))
        await take(other, 1)  # so the ones before it were dispatched
        assert [delta.offset for delta in await take(entries, FOLLOWER_LIMIT)] == list(range(FOLLOWER_LIMIT))
        assert await nothing_comes(entries)


async def test_a_reader_that_lost_its_connection_reads_what_it_missed_once(
    store: Store, writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader
) -> None:
    async with reader.follow(R1) as entries, Redis.from_url(store.url) as client:
        await writer.append(R1, piece(0))
        assert await take(entries, 1) == [piece(0)]
        await client.client_kill_filter(_type="pubsub")
        for n in range(1, 6):
            await writer.append(R1, piece(n))
        await eventually(lambda: _subscribed(client))
        await writer.append(R1, piece(6))
        assert [delta.offset for delta in await take(entries, 6)] == [1, 2, 3, 4, 5, 6]
        assert await nothing_comes(entries)


async def _subscribed(client: Redis) -> bool:
    return len(await client.client_list(_type="pubsub")) > 0


async def test_a_killed_store_costs_no_error_and_a_new_one_is_found(
    store: Store, writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader
) -> None:
    async with reader.follow(R1) as entries:
        store.kill()
        for n in range(100):
            await writer.append(R1, piece(n))
        await eventually(lambda: _fails(reader))
        await store.start()
        async with waiting(PATIENCE_S):
            await reader.listening()

        async def arrives() -> bool:
            await writer.append(R1, piece(1000))
            return not await nothing_comes(entries)

        await eventually(arrives)


async def _fails(reader: ValkeyDeltaReader) -> bool:
    return await reader() is not None


async def test_a_store_that_hangs_is_not_waited_for_with_every_entry(
    store: Store, writer: ValkeyDeltaWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.process is not None
    monkeypatch.setattr("libs.adapters.valkey.deltas.writer.WRITE_TIMEOUT_S", PROMISED_S)
    store.process.send_signal(signal.SIGSTOP)
    try:
        async with waiting(PATIENCE_S):
            for n in range(int(10 * PATIENCE_S / PROMISED_S)):
                await writer.append(R1, piece(n))
    finally:
        store.process.send_signal(signal.SIGCONT)


async def test_services_start_without_a_store_and_find_it_later(store: Store) -> None:
    store.kill()
    async with (
        ValkeyDeltaWriter(store.url, probe_every_s=0.05) as writer,
        ValkeyDeltaReader(store.url, PARTITION) as reader,
        reader.follow(R1) as entries,
    ):
        await writer.append(R1, piece(0))
        assert await reader() == "not_connected"
        await store.start()

        async def arrives() -> bool:
            await writer.append(R1, piece(1))
            return not await nothing_comes(entries)

        await eventually(arrives)
        async with waiting(PATIENCE_S):
            await reader.listening()
        assert await reader() is None


async def test_a_writer_that_is_not_entered_drops_everything(store: Store) -> None:
    await ValkeyDeltaWriter(store.url).append(R1, piece(0))
    async with Redis.from_url(store.url) as client:
        assert await client.dbsize() == 0


async def test_noise_on_the_channel_is_ignored(
    store: Store, writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader
) -> None:
    async with reader.follow(R1) as entries, Redis.from_url(store.url) as client:
        for noise in (b"", b"not json", b"[1,2]", b'{"a":1}'):
            await client.publish(f"moe:deltas:{PARTITION}", noise)
        await writer.append(R1, piece(0))
        assert await take(entries, 1) == [piece(0)]


async def test_a_coalesced_stream_arrives_whole(writer: ValkeyDeltaWriter, reader: ValkeyDeltaReader) -> None:
    words = [f"word{n} " for n in range(300)]
    async with reader.follow(R1) as entries:
        async with DeltaCoalescer(writer, R1, "merge.ab12") as coalescer:
            for word in words:
                coalescer.feed(word)
                await asyncio.sleep(0)
        text = ""
        while len(text) < len("".join(words)):
            (delta,) = await take(entries, 1)
            assert delta.offset == len(text)
            text += delta.text
    assert text == "".join(words)
