"""An election of leaders, partitions that are added, and an upgrade, each under load: no accepted request is lost."""

from pathlib import Path

import pytest

from tests.chaos.figures import Figures
from tests.chaos.running import run
from tests.chaos.scenarios import CLUSTER_CUT, Scenario

pytestmark = [pytest.mark.brokers, pytest.mark.slow]
SEED = 4


@pytest.mark.parametrize("scenario", CLUSTER_CUT, ids=lambda scenario: scenario.name)
async def test_no_promise_is_broken(scenario: Scenario, tmp_path: Path) -> None:
    report = await run(scenario, SEED, tmp_path)
    told = "\n".join((f"{scenario.name}, seed {SEED}", *report.figures.lines()))
    print(f"\n{told}")  # noqa: T201
    assert not report.violations, "\n".join((told, *map(str, report.violations), str(report.folder), report.tails))
    assert isinstance(report.figures, Figures)
    assert report.figures.faults == sum(len(plan.victims) * len(plan.kinds) * plan.times for plan in scenario.plans)
