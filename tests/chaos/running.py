"""Runs one scenario on real processes, and reports the result."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from libs.adapters.models.openai_chat.http_client import ClientLimits
from libs.core.clock import SystemClock
from libs.testing.http_client import crowd_client
from libs.testing.model_server import ModelServer
from tests.chaos.auditing import audited
from tests.chaos.checker import check
from tests.chaos.client import Errand
from tests.chaos.cluster import KEY, Cluster, Size, cluster
from tests.chaos.collecting import Sources, evidence_of
from tests.chaos.copier import copier
from tests.chaos.evidence import Copies, Evidence
from tests.chaos.faults import Nemesis
from tests.chaos.figures import figures_of
from tests.chaos.history import Entry, History, Seen
from tests.chaos.load import Crowd, errands, script
from tests.chaos.nemesis import schedule
from tests.chaos.releases import released_product
from tests.chaos.report import Report, complaints_of
from tests.chaos.scenarios import REPLICAS, Scenario
from tests.chaos.watching import log_and_journal, tails, until_all_ended, watch

JOURNAL_WITHIN_S = 180.0
_PATIENCE_S = 30.0  # beyond the deadline: a client that lost its gateway may have to resume
_CLOCK = SystemClock()


async def run(scenario: Scenario, seed: int, folder: Path) -> Report:
    """Run a scenario. Raises Stuck, ProcessEnded or ClusterFailed when it cannot be brought to its end."""
    size = Size(REPLICAS, scenario.request_timeout_s, brokers=scenario.brokers)
    if scenario.released:
        size = replace(size, source=released_product(folder / "release"))
    async with ModelServer(script()) as models:
        with History(folder / "history.jsonl") as history:
            async with cluster(models.url, folder, size) as fleet:
                stage = Stage(scenario, seed, fleet, history, Nemesis(fleet, history))
                evidence = await stage.play(models)
                complaints = complaints_of(fleet)
                told = tails(fleet)
    violations = check(history.entries, evidence, scenario.bars)
    figures = figures_of(history.entries, evidence, violations)
    return Report(scenario.name, seed, figures, violations, complaints, folder, told if violations else "")


@dataclass(frozen=True)
class Stage:
    """One scenario on a running installation."""

    scenario: Scenario
    seed: int
    fleet: Cluster
    history: History
    nemesis: Nemesis

    async def play(self, models: ModelServer) -> Evidence:
        """Run load without faults, then with faults, wait for the last end, and return the evidence."""
        calm, storm = errands(self.scenario.calm, self.seed), errands(self.scenario.load, self.seed)
        limits = ClientLimits(max_connections=2000)
        async with crowd_client(limits) as http:
            http.headers["authorization"] = f"Bearer {KEY}"
            patience_s = self.scenario.request_timeout_s + _PATIENCE_S
            crowd = Crowd(self.fleet.gateways, http, self.history, patience_s)
            copies = await self._watched(crowd, calm, storm)
            injected = frozenset(self.nemesis.injected)
            await until_all_ended(self.fleet, injected, self.scenario.request_timeout_s + self.scenario.bars.slack_s)
            await crowd.look_up(_known(self.history.entries))
        records, kept = await log_and_journal(self.fleet, injected, JOURNAL_WITHIN_S)
        tokens = {errand.text: errand.token for errand in (*calm, *storm)}
        wall_offset_s = _CLOCK.now() - _CLOCK.monotonic()
        found = Sources(records, self.fleet.signer, models.calls, tokens, wall_offset_s, kept, injected)
        return evidence_of(replace(found, copies=copies, audit=await audited(self.fleet)))

    async def _watched(self, crowd: Crowd, calm: Sequence[Errand], storm: Sequence[Errand]) -> Copies:
        """Send requests under a watchdog for progress; return the republished records."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch(self.history, self.fleet))
            await crowd.ask(calm, self.scenario.calm.over_s)
            copies = await self._stormy(crowd, storm)
            watching.cancel()
        return copies

    async def _stormy(self, crowd: Crowd, storm: Sequence[Errand]) -> Copies:
        if self.scenario.copied:
            async with copier(self.fleet.kafka, self.seed, self.history) as running:
                await crowd.ask(storm, self.scenario.load.over_s)
            return running.copies
        faults = schedule(self.scenario.plans, self.seed)
        over_s = max(self.scenario.load.over_s, faults[-1].at_s + self.scenario.afterwards_s)
        async with asyncio.TaskGroup() as both:
            both.create_task(self.nemesis.carry_out(faults))
            both.create_task(crowd.ask(storm, over_s))
        return ()


def _known(entries: Sequence[Entry]) -> list[Seen]:
    return list({each.response_id: Seen(each.token, each.response_id) for each in entries if each.response_id}.values())
