"""Every scenario by its name."""

from dataclasses import replace
from pathlib import Path

from tests.chaos.overload import Overload, overload
from tests.chaos.report import Report
from tests.chaos.running import run
from tests.chaos.scenarios import CLUSTER, CUT, CUT_STOP_S, DUPLICATES, DUPLICATES_CUT, FULL, Scenario

OVERLOAD = Overload()
OVERLOAD_CUT = replace(OVERLOAD, times=3.0, flood_s=15.0, calm_s=10.0, bars=replace(OVERLOAD.bars, stop_s=CUT_STOP_S))


def scenarios(*, cut: bool) -> dict[str, Scenario | Overload]:
    """All scenarios by name, in full or cut."""
    of_faults = (*CUT, DUPLICATES_CUT) if cut else (*FULL, *CLUSTER, DUPLICATES)
    return {**{each.name: each for each in of_faults}, OVERLOAD.name: OVERLOAD_CUT if cut else OVERLOAD}


async def play(scenario: Scenario | Overload, seed: int, folder: Path) -> Report:
    """Run a scenario. Raises Stuck, ProcessEnded or ClusterFailed when it cannot be brought to its end."""
    if isinstance(scenario, Overload):
        return await overload(scenario, seed, folder)
    return await run(scenario, seed, folder)
