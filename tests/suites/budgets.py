"""The CPU seconds that each area may take in `make test`, all processes together. A new service has `NEW_AREA_S`."""

from collections.abc import Mapping
from typing import Final

NEW_AREA_S: Final = 45.0
BUDGETS_S: Final[Mapping[str, float]] = {}


def over_budget(spent: Mapping[str, float]) -> list[str]:
    """Return the areas that took more than they may."""
    budgets = {area: BUDGETS_S.get(area, NEW_AREA_S) for area in spent}
    return [
        f"{area}: {spent[area]:.0f} s of CPU, {budgets[area]:.0f} s are its budget"
        for area in sorted(spent)
        if spent[area] > budgets[area]
    ]
