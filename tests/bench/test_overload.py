"""A real gateway before a fleet of bounded capacity: overload, and one tenant that floods another.

Planner, expert and critic take `CALL_S` for a call and `AT_ONCE` calls at a time, so the fleet answers a known number
of requests a second; the transport is the bus in memory. What an overload costs in memory is measured where the log is
not a part of it, by `make chaos ARGS=overload`.
"""

import asyncio
import random
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from libs.ports.llm import Completion, ModelRequest
from libs.runtime.memory import MemoryBus
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service
from libs.testing.records import SIGNER
from services.gateway.settings import Settings
from tests.bench.crowd import Crowd, quantile
from tests.bench.figures import Figures
from tests.support import null_ports
from tests.support.cluster import OURS, THEIRS, Cluster, gateway
from tests.support.null_ports import NullModel, null_stages

pytestmark = pytest.mark.lengthy
CALL_S, AT_ONCE = 1.0, 16
CAPACITY = AT_ONCE / CALL_S  # requests a second: the slowest stage decides
PHASE_S = 60.0
# The clients time their requests from their coming, so none waits before it is accepted.
NO_QUEUE = "0"
TARGET_MS = "300"


class SlowModel(NullModel):
    """Takes its time, and nothing else."""

    async def complete(self, request: ModelRequest) -> Completion:
        await asyncio.sleep(CALL_S * random.uniform(0.7, 1.3))
        return await super().complete(request)


def bounded_stages() -> list[Service]:
    """Stages with a bound on concurrent messages."""
    return [replace(stage, concurrency=AT_ONCE) if stage.name != "merger" else stage for stage in null_stages(1)]


@asynccontextmanager
async def loaded_gateway(cluster: Cluster) -> AsyncIterator[str]:
    """Run the fleet and one gateway; yield its address."""
    stages = Fleet(bounded_stages(), MemoryBus(cluster.broker), ProcessOptions(SIGNER))
    variables = {"MOE_QUEUE_TARGET_MS": TARGET_MS, "MOE_ANSWER_CACHE_SECONDS": "0", "MOE_MAX_WAITING": NO_QUEUE}
    async with stages, gateway(cluster, 0, None, **variables) as instance:
        yield str(instance.client.base_url)


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(null_ports, "NullModel", SlowModel)


async def test_in_an_overload_the_admitted_hardly_notice_and_the_rest_is_told_at_once(
    tmp_path: Path, figures: Figures
) -> None:
    async with loaded_gateway(Cluster(tmp_path, kind=Settings)) as url:
        normal = await Crowd(OURS, 0.7 * CAPACITY).ask_for(PHASE_S / 3, url)
        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        flood = await Crowd(OURS, 5 * CAPACITY).ask_for(PHASE_S, url)
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / before_kb - 1
    print(f"\nnormal    {normal}\noverload  {flood}")
    ratio, used = flood.p95 / normal.p95, len(flood.answered) / PHASE_S / CAPACITY
    print(f"capacity used {used:.2f}   memory +{growth:.1%} with the log: no bar")
    figures.add("overload, p95 of the admitted as normal", ratio, goal="<= 1.5")
    assert flood.other == normal.other == normal.refused == []
    refused_ms = quantile(flood.refused, 0.99) * 1000
    figures.add("overload, refused within (p99, on the loop of all stages)", refused_ms, "ms", "<= 100", judged=False)
    assert flood.refused


async def test_a_tenant_that_floods_does_not_slow_another(tmp_path: Path, figures: Figures) -> None:
    async with loaded_gateway(Cluster(tmp_path)) as url:
        quiet = Crowd(OURS, 0.2 * CAPACITY)
        alone = await quiet.ask_for(PHASE_S / 2, url)
        flood, beside = await asyncio.gather(
            Crowd(THEIRS, 5 * CAPACITY).ask_for(PHASE_S, url), quiet.ask_for(PHASE_S, url)
        )
    print(f"\nalone   {alone}\nbeside  {beside}\nflood   {flood}")
    figures.add("a tenant beside another's flood, p95 as alone", beside.p95 / alone.p95, goal="<= 1.3")
    assert beside.other == flood.other == []
    print(f"refused beside the flood: {len(beside.refused)} of {len(beside.refused) + len(beside.answered)}")
    assert flood.refused
