"""Short forms of the scenarios on real processes and a real Apache Kafka. `make chaos` runs them in full."""

from pathlib import Path

import pytest

from tests.chaos.overload import Overload
from tests.chaos.playing import play, scenarios
from tests.chaos.scenarios import Scenario

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
SEED = 4


CUT = scenarios(cut=True)


@pytest.mark.parametrize("scenario", CUT.values(), ids=CUT)
async def test_no_promise_is_broken(scenario: Scenario | Overload, tmp_path: Path) -> None:
    report = await play(scenario, SEED, tmp_path)
    told = "\n".join((f"{scenario.name}, seed {SEED}", *report.figures.lines()))
    print(f"\n{told}")  # noqa: T201
    assert report.sound, "\n".join((told, *map(str, report.violations), str(report.folder), report.tails))
