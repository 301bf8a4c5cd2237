"""The CPU seconds that each area may take in `make test`, all processes together. A new service has `NEW_AREA_S`.

On a slower machine, or one whose cores are shared, they are more, in proportion to what a fixed piece of work took
meanwhile.
"""

from collections.abc import Mapping
from typing import Final

WORK_CPU_S: Final = 0.029  # median CPU time of the fixed work in the run that gave the budgets
NEW_AREA_S: Final = 45.0
# Twice what a quiet run took. Stores that outlive their tests count for the test that ends them.
BUDGETS_S: Final[Mapping[str, float]] = {
    "e2e": 60.0,
    "flow": 55.0,
    "integration/gateway": 85.0,
    "integration/journal": 110.0,
    "integration/mcp": 125.0,
    "unit/libs/runtime": 170.0,
    "unit/services/gateway": 55.0,
    "unit/services/mcp": 165.0,
    "unit/services/planner": 55.0,
}


def over_budget(spent: Mapping[str, float], slower: float = 1.0) -> list[str]:
    """Areas over their budget on a machine that is slower by this factor."""
    budgets = {area: BUDGETS_S.get(area, NEW_AREA_S) * max(1.0, slower) for area in spent}
    return [
        f"{area}: {spent[area]:.0f} s of CPU, {budgets[area]:.0f} s are its budget"
        for area in sorted(spent)
        if spent[area] > budgets[area]
    ]
