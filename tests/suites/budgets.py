"""The CPU seconds that each area may take in `make test`, all processes together. A new service has `NEW_AREA_S`.

On a slower machine they are more, in proportion to what a fixed piece of work takes.
"""

from collections.abc import Mapping
from typing import Final

WORK_CPU_S: Final = 0.086  # CPU time of the fixed work where the budgets were measured
NEW_AREA_S: Final = 45.0
# Half as much again as a quiet run took. Stores that outlive their tests count for the test that ends them.
BUDGETS_S: Final[Mapping[str, float]] = {
    "e2e": 75.0,
    "flow": 110.0,
    "integration/embedded": 60.0,
    "integration/gateway": 80.0,
    "integration/journal": 240.0,
    "integration/mcp": 190.0,
    "unit/libs/runtime": 280.0,
    "unit/services/gateway": 60.0,
    "unit/services/mcp": 200.0,
    "unit/services/planner": 90.0,
}


def over_budget(spent: Mapping[str, float], slower: float = 1.0) -> list[str]:
    """Areas over their budget on a machine that is slower by this factor."""
    budgets = {area: BUDGETS_S.get(area, NEW_AREA_S) * max(1.0, slower) for area in spent}
    return [
        f"{area}: {spent[area]:.0f} s of CPU, {budgets[area]:.0f} s are its budget"
        for area in sorted(spent)
        if spent[area] > budgets[area]
    ]
