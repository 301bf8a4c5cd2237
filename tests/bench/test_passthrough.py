"""Time that the gateway adds to a model call, with key check, limits, metrics and records, beside the bare server.

Ratios of one run; the bars are printed, never judged: a busy machine fails no run. Only the answers are judged.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.bench.figures import Figures
from tests.bench.rounds import frame_us, idle, is_spoken, paced, rate
from tests.support.gateway_process import Ways, median, quantile, two_ways
from tests.support.measured_path import asked_at_once, latencies_ms
from tests.support.raw_client import connected

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="session")]
ROUNDS = 5


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ways]:
    async with two_ways(tmp_path_factory.mktemp("passing")) as both:
        yield both


async def test_what_one_request_takes_longer(ways: Ways, figures: Figures) -> None:
    straight, through = await connected(ways.model.port), await connected(ways.gateway.port)
    bare: list[list[float]] = []
    passed: list[list[float]] = []
    for _ in range(ROUNDS + 1):
        bare.append(await latencies_ms(straight, ways.straight.request("whole"), 200))
        passed.append(await latencies_ms(through, ways.through.request("whole"), 200))
    for part, goal in ((0.5, "<= 1"), (0.99, "<= 3")):
        added = [quantile(one, part) - quantile(other, part) for one, other in zip(passed[1:], bare[1:], strict=True)]
        figures.add(f"pass-through, added p{part * 100:.0f} at c=1", median(added), "ms", goal, judged=part < 0.99)


async def test_requests_for_a_second_of_cpu(ways: Ways, figures: Figures) -> None:
    await ways.through.quiet()
    rates = [await rate(ways.through, 32, 250) for _ in range(ROUNDS + 1)]
    figure = median([one.a_cpu_second for one in rates[1:]])
    figures.add("pass-through, requests for a CPU second at c=32", figure, "1/s", ">= 1800")


async def test_cpu_for_a_frame(ways: Ways, figures: Figures) -> None:
    await ways.through.quiet()
    took = [await frame_us(ways.through, 16) for _ in range(3)]
    figures.add("pass-through, CPU for a frame", median(took), "us", "<= 70")


async def test_streams_of_fifty_words_a_second(ways: Ways, figures: Figures) -> None:
    await ways.through.quiet()
    found = await paced(ways.through, 280)
    longest, p99 = max(found.gaps) * 1000, quantile(found.gaps, 0.99) * 1000
    print(f"\n280 streams of 50 words/s take {found.cores:.2f} of a core; p99 of gaps {p99:.0f} ms")
    figures.add("280 streams of 50 words/s, longest gap", longest, "ms", "< 200", judged=False)
    figures.add("streams of 50 words/s for a core", found.streams_a_core, "1/s", ">= 280")


async def test_memory_of_idle_streams(ways: Ways, figures: Figures) -> None:
    warm = await asked_at_once(ways.gateway.port, ways.through.request("words-5-2", stream=True), 64, 2)
    assert all(is_spoken(one, 5) for one in warm)
    await ways.through.quiet()
    grown = (await idle(ways.through, 2000)).grown
    figures.add("2,000 idle streams", grown / 1e6, "MB", "<= 40")
