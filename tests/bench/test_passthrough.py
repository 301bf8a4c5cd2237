"""What the gateway adds to one model call, with its key check, limits, metrics and records, beside the bare server.

Ratios of one run; the bars are printed, never judged: a busy machine fails nobody. What is judged is what was answered.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.bench.passing import Ways, asked_at_once, latencies_ms, median, quantile, two_ways
from tests.bench.raw_client import connected

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="session")]
ROUNDS = 5


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ways]:
    async with two_ways(tmp_path_factory.mktemp("passing")) as both:
        yield both


async def test_what_one_request_takes_longer(ways: Ways) -> None:
    straight, through = await connected(ways.model.port), await connected(ways.gateway.port)
    bare: list[list[float]] = []
    passed: list[list[float]] = []
    for _ in range(ROUNDS + 1):
        bare.append(await latencies_ms(straight, ways.bare("whole"), 200))
        passed.append(await latencies_ms(through, ways.request("whole"), 200))
    for part, bar in ((0.5, 1.0), (0.99, 3.0)):
        added = [quantile(one, part) - quantile(other, part) for one, other in zip(passed[1:], bare[1:], strict=True)]
        print(f"\nadded p{part * 100:.0f} at c=1: {median(added):.2f} ms (goal <= {bar})", end="")
    print()


async def test_requests_for_a_second_of_cpu(ways: Ways) -> None:
    rates = []
    await ways.quiet()
    for _ in range(ROUNDS + 1):
        before = ways.cpu_s()
        told = await asked_at_once(ways.gateway.port, ways.request("whole"), 32, 60)
        rates.append(len(told) / (ways.cpu_s() - before))
        assert {one.status for one in told} == {200}
    print(f"\nrequests for a CPU second at c=32: {median(rates[1:]):,.0f} (goal >= 1,800)")


async def test_cpu_for_a_frame(ways: Ways) -> None:
    figures = []
    await ways.quiet()
    for _ in range(3):
        spent = {}
        for words in (50, 500):
            before = ways.cpu_s()
            told = await asked_at_once(ways.gateway.port, ways.request(f"words-{words}-2", stream=True), 16, 1)
            await asyncio.sleep(0.3)
            spent[words] = (ways.cpu_s() - before) / len(told)
            assert all(one.data.count(b'"content"') == words and b"[DONE]" in one.data for one in told)
        figures.append((spent[500] - spent[50]) / 450 * 1_000_000)
    print(f"\nCPU for a frame: {median(figures):.0f} us (goal <= 70)")


async def test_streams_of_fifty_words_a_second(ways: Ways) -> None:
    await ways.quiet()
    before = ways.cpu_s()
    seconds = 5
    told = await asked_at_once(ways.gateway.port, ways.request(f"words-{50 * seconds}-20", stream=True), 280, 1)
    used = (ways.cpu_s() - before) / seconds
    gaps = [one.longest_gap for one in told]
    assert all(b"[DONE]" in one.data for one in told)
    print(
        f"\n280 streams of 50 words/s: longest gap {max(gaps) * 1000:.0f} ms, p99 {quantile(gaps, 0.99) * 1000:.0f} ms"
    )
    print(f"(goal < 200), {used:.2f} of a core, that is {280 / used:.0f} streams a core (goal >= 280)")


async def test_memory_of_idle_streams(ways: Ways) -> None:
    warm = await asked_at_once(ways.gateway.port, ways.request("words-5-2", stream=True), 64, 2)
    assert {one.status for one in warm} == {200}
    await ways.quiet()
    before = ways.gateway.rss_bytes()
    clients = [await connected(ways.gateway.port) for _ in range(2000)]
    loop = asyncio.get_running_loop()
    asking = [loop.create_task(client.ask(ways.request("idle", stream=True))) for client in clients]
    async with asyncio.timeout(60):
        await asyncio.gather(*(client.first.wait() for client in clients))
    grown = ways.gateway.rss_bytes() - before
    for client in clients:
        client.close()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(one, ConnectionError) and b"word0" in one.args[0] for one in ended)
    print(f"\n2,000 idle streams: {grown / 1e6:.0f} MB (goal <= 40)")
