"""Clients that send the next request after each answer, on a fast model and Apache Kafka: none is ever rejected."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from libs.runtime.settings import BusSettings
from tests.bench.bursts import Seen, ask, question
from tests.bench.crowd import quantile
from tests.bench.figures import Figures
from tests.bench.fleets import embedded, model_server
from tests.support.fleet_processes import KEY

pytestmark = [pytest.mark.lengthy, pytest.mark.kafka, pytest.mark.asyncio(loop_scope="session")]
LASTS_S = 60.0


@pytest.mark.parametrize("clients", [32, 128])
async def test_a_closed_loop_on_a_fast_model_is_never_rejected(
    kafka: BusSettings, tmp_path: Path, figures: Figures, clients: int
) -> None:
    extra = {"KAFKA_URL": kafka.kafka_url, "MOE_QUEUE_TARGET_MS": "500"}
    async with model_server(tmp_path, "--tasks=2") as models, embedded(models, tmp_path, extra) as (url, _):
        until = time.perf_counter() + LASTS_S
        headers = {"authorization": f"Bearer {KEY}"}
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as http:

            async def client(number: int) -> list[Seen]:
                seen: list[Seen] = []
                while time.perf_counter() < until:
                    body = question(number * 100_000 + len(seen), direct=False)
                    seen.append(await ask(http, f"{url}/v1/chat/completions", body))
                return seen

            loops = await asyncio.gather(*(client(number) for number in range(clients)))
    seen = [each for loop in loops for each in loop]
    kind = f"closed loop of {clients} on Apache Kafka"
    figures.add(f"{kind}: rejected", sum(each.status != 200 for each in seen), judged=False)
    figures.add(f"{kind}: answers a second", len(seen) / LASTS_S, judged=False)
    figures.add(f"{kind}: p95", quantile([each.took_s for each in seen], 0.95), "s", judged=False)
    assert {each.status for each in seen} == {200}
    assert all("[DONE]" in each.text for each in seen)
    assert min(len(loop) for loop in loops) > 1, "a client was never answered twice"
