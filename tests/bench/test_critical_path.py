"""A plan of three tasks with 200 ms a model call: how much the fleet adds to planner + slowest expert + judge.

Prints figures and the goals; machines differ, so a clock never fails it.
"""

import statistics
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from libs.core.clock import SystemClock
from libs.runtime.settings import BusSettings
from libs.testing.processes import ServerProcess
from tests.bench.figures import Figures
from tests.bench.fleets import apart, embedded, model_server
from tests.support.fleet_processes import body_of

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

CALL_MS = 200
CRITICAL_MS = 3 * CALL_MS
GOAL, FIRST_BYTE_GOAL_MS = 1.15, 20
WARM_UP, REPETITIONS = 3, 20
CLOCK = SystemClock()


@dataclass
class Times:
    """Milliseconds from sending a question to the first byte of its event stream, and to the end of it."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


@pytest.fixture
def slow(tmp_path: Path) -> tuple[Path, str]:
    """A folder, and the option that makes every model call slow."""
    return tmp_path, f"--delay-ms={CALL_MS}"


async def test_the_critical_path_on_apache_kafka_every_service_apart(
    kafka: BusSettings, slow: tuple[Path, str], figures: Figures
) -> None:
    folder, option = slow
    async with model_server(folder, option) as models, apart(kafka, models, folder) as fleet:
        times = await _measured(fleet.gateway, fleet.http)
        overlap = await _overlap(models, fleet.http)
    _report("Apache Kafka, seven processes", times, figures)
    assert overlap == 3


async def test_the_critical_path_of_the_embedded_default(slow: tuple[Path, str], figures: Figures) -> None:
    folder, option = slow
    async with model_server(folder, option) as models, embedded(models, folder) as (gateway, http):
        times = await _measured(gateway, http)
        overlap = await _overlap(models, http)
    _report("embedded default, one process", times, figures)
    assert overlap == 3


async def _measured(gateway: str, http: httpx.AsyncClient) -> Times:
    times = Times()
    for number in range(WARM_UP + REPETITIONS):
        first, whole = await _once(gateway, http, f"How large should connection pools be, see #c{number}?")
        if number >= WARM_UP:
            times.first.append(first)
            times.whole.append(whole)
    return times


async def _once(gateway: str, http: httpx.AsyncClient, question: str) -> tuple[float, float]:
    began, first = CLOCK.monotonic(), 0.0
    text = b""
    async with http.stream("POST", f"{gateway}/v1/chat/completions", json=body_of(question) | {"stream": True}) as got:
        async for piece in got.aiter_raw():
            first = first or CLOCK.monotonic()
            text += piece
    assert text.endswith(b"data: [DONE]\n\n"), text
    return (first - began) * 1000, (CLOCK.monotonic() - began) * 1000


async def _overlap(models: ServerProcess, http: httpx.AsyncClient) -> int:
    """Maximum number of calls in flight at once."""
    return int((await http.get(f"{models.url}/calls")).json()["max_in_flight"])


def _report(name: str, times: Times, figures: Figures) -> None:
    whole_ms, first_ms = statistics.median(times.whole), statistics.median(times.first)
    worst = f"{max(times.whole):.0f} ms, of the first byte {max(times.first):.1f}"
    print(f"\n{name}: end to end {whole_ms:.0f} ms, worst {worst}")
    figures.add(f"critical path, {name}: end to end as its model calls", whole_ms / CRITICAL_MS, goal=f"<= {GOAL}")
    figures.add(f"critical path, {name}: first byte", first_ms, "ms", f"<= {FIRST_BYTE_GOAL_MS}")
