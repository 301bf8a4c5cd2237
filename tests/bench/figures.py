"""Figures of the benches: printed, kept, and compared with those of the last release.

A machine of another speed is another scale: what a fixed piece of work takes in CPU time is kept beside the figures,
and times and rates are scaled by it. On a busy machine nothing is judged, and the run reports that.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from tests.suites.line import BUSY_SHARE

RELEASED: Final = Path(__file__).with_name("released.json")
WORSE: Final = 1.3  # times a figure of the last release: the spread of most figures between two quiet runs is below it
_SECONDS: Final = frozenset({"s", "ms", "us"})
_WORK_ROUNDS, _WORK_SIZE = 5, 200_000


@dataclass(frozen=True)
class Figure:
    """`more_is_better`: of rates and capacities. Times and rates scale with the machine, others do not."""

    name: str
    value: float
    unit: str
    more_is_better: bool = False

    def worse_by(self, released: float, slower: float) -> float:
        """Return how many times worse it is, on a machine that is so many times slower than the release's was."""
        if not self.value or not released:
            return 1.0
        scale = slower if self.unit in _SECONDS else 1 / slower if self.unit.endswith("/s") else 1.0
        expected = released * scale
        return expected / self.value if self.more_is_better else self.value / expected


@dataclass
class Figures:
    """The figures of a run."""

    judged: bool = False
    released: dict[str, float] = field(default_factory=dict)
    slower: float = 1.0  # than the machine of the release
    found: list[Figure] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    worse: list[str] = field(default_factory=list)
    _quiet: bool = True

    def start(self) -> None:
        """Find out whether the machine is idle, as a bench starts."""
        self.worse.clear()
        self._quiet = not self.judged or psutil.cpu_percent(1.0) <= BUSY_SHARE * 100

    def add(self, name: str, value: float, unit: str = "", goal: str = "", *, judged: bool = True) -> None:
        """Print a figure and keep it. `goal` is such as "<= 3" or ">= 1800" and says which way is better.

        `judged`: False for those that differ by more than `WORSE` between two quiet runs, such as high percentiles.
        """
        figure = Figure(name, value, unit, more_is_better=goal.startswith(">"))
        self.found.append(figure)
        shown = f"{name}: {value:,.3g} {unit}" if value < 1000 else f"{name}: {value:,.0f} {unit}"
        print(f"\n{shown.rstrip()}{f' (goal {goal})' if goal else ''}{self._judgement(figure) if judged else ''}")

    def save(self, path: Path = RELEASED) -> None:
        """Write what was found as the figures of a release; those of benches that did not run stay."""
        kept = json.loads(path.read_text())["figures"] if path.exists() else {}
        figures = kept | {each.name: float(f"{each.value:.4g}") for each in self.found}
        content = {"work_cpu_s": round(work_cpu_s(), 5), "figures": dict(sorted(figures.items()))}
        path.write_text(json.dumps(content, indent=1) + "\n")

    def _judgement(self, figure: Figure) -> str:
        released = self.released.get(figure.name)
        if not self.judged or released is None:
            return ""
        if not self._quiet:
            self.unjudged.append(figure.name)
            return f"; released {released:g}; the machine is busy"
        times = figure.worse_by(released, self.slower)
        if times > WORSE:
            self.worse.append(f"{figure.name}: {figure.value:g}, {times:.2f} times worse than {released:g}")
        return f"; released {released:g}, now {times:.2f} times as much effort"


def read_released(path: Path = RELEASED) -> tuple[dict[str, float], float]:
    """Return the figures of the last release, and how many times slower this machine is than that one."""
    if not path.exists():
        return {}, 1.0
    content = json.loads(path.read_text())
    return content["figures"], work_cpu_s() / float(content["work_cpu_s"])


def work_cpu_s() -> float:
    """Return the CPU seconds of a fixed piece of work; the fastest round counts."""
    return min(_round() for _ in range(_WORK_ROUNDS))


def _round() -> float:
    began = time.process_time()
    counts: dict[int, int] = {}
    for number in range(_WORK_SIZE):
        counts[number % 1000] = counts.get(number % 1000, 0) + len(str(number))
    return time.process_time() - began
