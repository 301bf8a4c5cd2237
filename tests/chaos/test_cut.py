"""Short forms of the scenarios on real processes and a real Apache Kafka. `make chaos` runs them in full."""

from pathlib import Path

import pytest

from tests.chaos.running import run
from tests.chaos.scenarios import CUT, Scenario

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
SEED = 4


@pytest.mark.parametrize("scenario", CUT, ids=[scenario.name for scenario in CUT])
async def test_no_promise_is_broken(scenario: Scenario, tmp_path: Path) -> None:
    report = await run(scenario, SEED, tmp_path)
    told = "\n".join((f"{scenario.name}, seed {SEED}", *report.figures.lines()))
    print(f"\n{told}")  # noqa: T201
    assert report.sound, "\n".join((told, *map(str, report.violations), str(report.folder), report.tails))
