"""Short forms of the scenarios on real processes and a real Apache Kafka. `make chaos` runs them in full."""

from pathlib import Path

import pytest

from tests.chaos.overload import Overload
from tests.chaos.playing import play, scenarios
from tests.chaos.scenarios import Scenario

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
SEED = 4
# Bars of a clock: printed here, judged by `make chaos` on a machine that does nothing else.
BY_THE_CLOCK = frozenset({"slower", "refused_p99_s", "recovery_s", "refused_in_calm"})


CUT = scenarios(cut=True)


@pytest.mark.parametrize("scenario", CUT.values(), ids=CUT)
async def test_no_promise_is_broken(scenario: Scenario | Overload, tmp_path: Path) -> None:
    report = await play(scenario, SEED, tmp_path)
    told = "\n".join((f"{scenario.name}, seed {SEED}", *report.figures.lines()))
    print(f"\n{told}")  # noqa: T201
    broken = [each for each in report.violations if each.about not in BY_THE_CLOCK]
    assert not broken, "\n".join((told, *map(str, broken), str(report.folder), report.tails))
