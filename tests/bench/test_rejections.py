"""A burst beyond the limit: how long a rejection takes. Beside it, alternating, a bare ASGI application that rejects as
many requests."""

from pathlib import Path

import pytest

from tests.bench.bursts import bare_application, question
from tests.bench.crowd import quantile
from tests.bench.figures import Figures
from tests.bench.fleets import embedded, model_server
from tests.bench.simultaneous import Exchange, post, send_at_once

pytestmark = pytest.mark.lengthy
COUNT, ROUNDS = 600, 3
SLOTS, CALL_S, MAX_WAIT_S = 16, 0.5, 5.0


def requests(first: int, count: int) -> list[bytes]:
    return [post("/v1/chat/completions", question(first + number, direct=True)) for number in range(count)]


def inside_ms(exchange: Exchange) -> float:
    """Milliseconds of a request in the gateway, by the header of its response."""
    return float(exchange.header("server-timing").rpartition("dur=")[2])


async def test_a_refusal_of_a_burst_costs_a_few_times_a_bare_one(tmp_path: Path, figures: Figures) -> None:
    extra = {"MOE_QUEUE_TARGET_MS": "500", "MOE_MAX_WAIT": str(MAX_WAIT_S)}
    options = (f"--slots={SLOTS}", f"--delay-ms={CALL_S * 1000}")
    rejected: list[Exchange] = []
    bare: list[Exchange] = []
    async with (
        model_server(tmp_path, *options) as models,
        embedded(models, tmp_path, extra) as (url, _),
        bare_application("tests.bench.refuser:application", tmp_path) as bare_url,
    ):
        await send_at_once(url, requests(0, 150))  # measurements of the gateway from before
        for number in range(ROUNDS):
            bare += await send_at_once(bare_url, requests(0, COUNT))
            seen = await send_at_once(url, requests(1000 * (number + 1), COUNT))
            assert {each.status for each in seen} == {200, 503}
            rejected += [each for each in seen if each.status == 503]
    assert all(int(each.header("retry-after")) >= 1 for each in rejected)
    figures.add("burst of 600: rejected", len(rejected) / ROUNDS, judged=False)
    took_ms, bare_ms = (quantile([each.took_s for each in of], 0.99) * 1000 for of in (rejected, bare))
    figures.add("burst of 600: rejection p99, from its connection", took_ms, "ms", "<= 100", judged=False)
    figures.add("burst of 600: of a bare ASGI application", bare_ms, "ms", judged=False)
    inside = [inside_ms(each) for each in rejected]
    figures.add("burst of 600: rejection p50, inside the gateway", quantile(inside, 0.5), "ms", judged=False)
    figures.add("burst of 600: rejection p99, inside the gateway", quantile(inside, 0.99), "ms", "<= 100", judged=False)
