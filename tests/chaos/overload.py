"""The scenario `overload`: an installation gets more load than its capacity, then normal load again.

One replica of each service; the models have a known number of slots, so the fleet has a known capacity: a plan has two
parts, so each request calls the experts twice, planner and judge once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from libs.core.clock import SystemClock
from libs.testing.model_server import ModelServer, PipelineOptions, pipeline_script
from tests.chaos.arrivals import Arrival, Wave, arrivals, question
from tests.chaos.auditing import audited
from tests.chaos.case import Bars
from tests.chaos.checker import check
from tests.chaos.cluster import KEY, Cluster, Size, cluster
from tests.chaos.collecting import Sources, evidence_of
from tests.chaos.evidence import Evidence
from tests.chaos.report import Report, complaints_of
from tests.chaos.strain import AFTER, FLOOD, NORMAL, Memory, missed, strain_of
from tests.chaos.watching import log_and_journal, tails, until_all_ended

PARTS = 2
CALLS = PARTS + 2
SLACK_S = 10.0
TIMEOUT_S = 60.0
_JOURNAL_WITHIN_S = 180.0
_LOOK_EVERY_S = 0.5
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Overload:
    """`slots` concurrent model calls of `call_s` seconds; `times` the capacity is requested for `flood_s` seconds."""

    times: float = 5.0
    flood_s: float = 60.0
    calm_s: float = 40.0
    slots: int = 64
    call_s: float = 1.0
    calm: float = 0.6
    wait_s: float = 5.0  # clients of this scenario have no more patience, so the queue has to be short
    bars: Bars = field(default_factory=partial(Bars, slack_s=SLACK_S, answered=1))
    name: str = "overload"

    @property
    def capacity(self) -> float:
        """Requests a second that the models can answer."""
        return self.slots / self.call_s / CALLS

    @property
    def waves(self) -> tuple[Wave, ...]:
        rate = self.calm * self.capacity
        flood = Wave(FLOOD, self.times * self.capacity, self.flood_s)
        return Wave(NORMAL, rate, self.calm_s), flood, Wave(AFTER, rate, self.calm_s)

    @property
    def variables(self) -> dict[str, str]:
        """Settings for such a model server: each stage has its part of the slots."""
        return {"MOE_MAX_CONCURRENT_COMMANDS": str(self.slots * PARTS // CALLS), "MOE_MAX_WAIT": str(self.wait_s)}


async def overload(scenario: Overload, seed: int, folder: Path) -> Report:
    """Run the scenario. Raises ProcessEnded or ClusterFailed when it cannot be brought to its end."""
    script = pipeline_script(PipelineOptions(tasks=PARTS, delay_s=scenario.call_s))
    async with (
        ModelServer(script, slots=scenario.slots) as models,
        cluster(models.url, folder, Size(1, TIMEOUT_S, scenario.variables)) as fleet,
    ):
        came, sizes = await _watched(fleet, scenario, seed)
        evidence = await _evidence(fleet, models, came)
        complaints, told = complaints_of(fleet), tails(fleet)
    strain = strain_of(came, _memory(sizes, came), scenario.capacity)
    history = sorted((entry for each in came for entry in each.entries()), key=lambda entry: entry.t)
    violations = (*check(history, evidence, scenario.bars), *missed(strain))
    return Report(scenario.name, seed, strain, violations, complaints, folder, told if violations else "")


Sizes = list[tuple[float, Mapping[str, int]]]


async def _watched(fleet: Cluster, scenario: Overload, seed: int) -> tuple[list[Arrival], Sizes]:
    """Run all clients; return their results, and the size of each process over time."""
    sizes: Sizes = []
    async with asyncio.TaskGroup() as group:
        weighing = group.create_task(_weigh(fleet, sizes))
        came = await arrivals(fleet.gateways[0], KEY, scenario.waves, seed)
        weighing.cancel()
    return came, sizes


async def _weigh(fleet: Cluster, sizes: Sizes) -> None:
    while True:
        sizes.append((_CLOCK.now(), {name: process.rss_bytes() for name, process in fleet.processes.items()}))
        await asyncio.sleep(_LOOK_EVERY_S)


async def _evidence(fleet: Cluster, models: ModelServer, came: list[Arrival]) -> Evidence:
    await until_all_ended(fleet, frozenset(), TIMEOUT_S + SLACK_S)
    records, kept = await log_and_journal(fleet, frozenset(), _JOURNAL_WITHIN_S)
    tokens = {question(each.token): each.token for each in came}
    wall_offset_s = _CLOCK.now() - _CLOCK.monotonic()
    found = Sources(records, fleet.signer, models.calls, tokens, wall_offset_s, kept)
    return evidence_of(replace(found, audit=await audited(fleet)))


def _memory(sizes: Sizes, came: list[Arrival]) -> dict[str, Memory]:
    """Most that each process had before and from the first client of the flood on."""
    floods_at = min(each.asked for each in came if each.wave == FLOOD)
    before = [size for at, size in sizes if at < floods_at]
    since = [size for at, size in sizes if at >= floods_at]
    return {name: Memory(max(size[name] for size in before), max(size[name] for size in since)) for name in sizes[0][1]}
