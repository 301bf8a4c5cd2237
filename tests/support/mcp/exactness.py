"""Number of cases for a tool: a cut in `make test`, all in `make exactness`, which prints the outcomes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

CUT = 10  # `make test` runs one case of so many
AT_LEAST = 50
REFUSED_OF_ASKED = 0.02


@dataclass
class Exactness:
    """Cases of one test for tools with an oracle. A wrong answer fails the test; a rejection is counted."""

    whole: bool
    asked: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def cases(self, tool: str, count: int) -> range:
        """As many turns as there are cases now, for a generator of cases."""
        turns = range(count if self.whole else min(count, max(count // CUT, AT_LEAST)))
        self.asked[tool] += len(turns)
        return turns

    def table(self, tool: str, rows: int) -> None:
        """Count the rows of a table, all of which run every time."""
        self.asked[tool] += rows

    def refuse(self, tool: str) -> None:
        """Count one case that the tool should have answered."""
        self.refused[tool] += 1

    def too_often_refused(self) -> list[str]:
        return [tool for tool, count in self.refused.items() if count > self.asked[tool] * REFUSED_OF_ASKED]

    def told(self) -> list[tuple[str, int, int]]:
        """Tool, cases and refusals, for the summary at the end."""
        return [(tool, count, self.refused[tool]) for tool, count in self.asked.items()]


def lines(told: Iterable[tuple[str, int, int]]) -> list[str]:
    """Table of all test cases, a line for each tool."""
    asked, refused = Counter[str](), Counter[str]()
    for tool, count, refusals in told:
        asked[tool] += count
        refused[tool] += refusals
    return [
        f"{tool:24} {count:7,} asked  {count - refused[tool]:7,} right  {refused[tool]:5,} refused"
        for tool, count in sorted(asked.items())
    ]
