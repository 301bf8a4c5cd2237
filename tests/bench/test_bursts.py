"""Bursts of simultaneous streaming questions at a model of 16 slots that takes 2 s for a call: all of them are answered
and begin at once. Beside them, bare ASGI streams in a burst of the same size."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.bench.bursts import Seen, ask, bare_streams, burst, gateway_rss, question
from tests.bench.crowd import quantile
from tests.bench.figures import Figures
from tests.bench.fleets import embedded, model_server
from tests.e2e.house import KEY

pytestmark = pytest.mark.lengthy
SLOTS, CALL_S = 16, 2.0
CAPACITY = SLOTS / CALL_S


@pytest.mark.parametrize(("count", "direct", "max_wait"), [(100, False, "60"), (400, True, "60"), (1500, True, "300")])
async def test_a_burst_is_answered_whole(
    tmp_path: Path, figures: Figures, count: int, direct: bool, max_wait: str
) -> None:
    extra = {"MOE_QUEUE_TARGET_MS": "500", "MOE_MAX_WAIT": max_wait}
    options = (f"--slots={SLOTS}", f"--delay-ms={CALL_S * 1000}", "--tasks=2")
    async with (
        model_server(tmp_path, *options) as models,
        embedded(models, tmp_path, extra) as (url, _),
        bare_streams(tmp_path) as bare_url,
    ):
        bare = await burst(bare_url, count, direct=direct)
        await burst(url, 20, direct=direct)  # modules are loaded and connections open
        before = gateway_rss(url)
        seen = await burst(url, count, direct=direct)
        growth = gateway_rss(url) - before
    kind = f"{count} {'direct' if direct else 'pipeline'} streams"
    assert {each.status for each in seen} == {200}
    first_s, bare_s = (quantile([each.first_s for each in of], 0.99) for of in (seen, bare))
    took_s = max(each.took_s for each in seen)
    figures.add(f"{kind}: first byte p99", first_s * 1000, "ms", "<= 5 bare", judged=False)
    figures.add(f"{kind}: of a bare ASGI stream", bare_s * 1000, "ms", judged=False)
    figures.add(f"{kind}: last answer", took_s, "s", judged=False)
    figures.add(f"{kind}: memory of the fleet afterwards", growth / count / 1024, "kB a stream", judged=False)
    assert all("[DONE]" in each.text for each in seen), [each.text[-300:] for each in seen if "[DONE]" not in each.text]


async def test_clients_that_obey_retry_after_are_answered_at_their_second_try(tmp_path: Path, figures: Figures) -> None:
    count, call_s, max_wait_s = 600, 0.5, 5.0
    extra = {"MOE_QUEUE_TARGET_MS": "500", "MOE_MAX_WAIT": str(max_wait_s)}
    async with (
        model_server(tmp_path, f"--slots={SLOTS}", f"--delay-ms={call_s * 1000}") as models,
        embedded(models, tmp_path, extra) as (url, _),
    ):
        await burst(url, 200, direct=True)  # what the gateway has seen before

        async def obey(http: aiohttp.ClientSession, number: int) -> list[Seen]:
            tries = [await ask(http, f"{url}/v1/chat/completions", question(number, direct=True))]
            while tries[-1].status != 200:
                await asyncio.sleep(float(tries[-1].retry_after))
                tries.append(await ask(http, f"{url}/v1/chat/completions", question(number, direct=True)))
            return tries

        headers = {"authorization": f"Bearer {KEY}"}
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as http:
            tries = await asyncio.gather(*(obey(http, 1000 + number) for number in range(count)))
    rejected = [each[0] for each in tries if len(each) > 1]
    second = sum(len(each) == 2 for each in tries)
    figures.add("burst beyond the limit: rejected", len(rejected), judged=False)
    figures.add(
        "burst beyond the limit: rejection p50",
        quantile([each.took_s for each in rejected], 0.5) * 1000,
        "ms",
        judged=False,
    )
    figures.add(
        "burst beyond the limit: answered at the second try", second / len(rejected), goal=">= 0.95", judged=False
    )
    assert rejected
    assert {each.status for each in rejected} == {503}
    assert second >= 0.95 * len(rejected), sorted(len(each) for each in tries)
