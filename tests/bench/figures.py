"""Figures of the benches: printed, kept, and compared with those of the last release.

A machine of another speed is another scale, and a virtual one changes its speed within an hour: what a fixed piece of
work takes in CPU time is measured as each bench starts and kept beside its figures; times and rates are scaled by it.
On a busy machine nothing is judged, and the run reports that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from tests.suites.fixed_work import work_cpu_s
from tests.suites.line import BUSY_SHARE

RELEASED: Final = Path(__file__).with_name("released.json")
WORSE: Final = 1.3  # times a figure of the last release: the spread of most figures between two quiet runs is below it
_SECONDS: Final = frozenset({"s", "ms", "us"})


@dataclass(frozen=True)
class Released:
    """A figure of the last release, and the CPU seconds that the fixed piece of work took then."""

    value: float
    work_cpu_s: float


@dataclass(frozen=True)
class Figure:
    """`more_is_better`: of rates and capacities. Times and rates scale with the machine, others do not."""

    name: str
    value: float
    unit: str
    work_cpu_s: float
    more_is_better: bool = False

    def worse_by(self, released: Released) -> float:
        if not self.value or not released.value:
            return 1.0
        slower = self.work_cpu_s / released.work_cpu_s
        scale = slower if self.unit in _SECONDS else 1 / slower if self.unit.endswith("/s") else 1.0
        expected = released.value * scale
        return expected / self.value if self.more_is_better else self.value / expected


@dataclass
class Figures:
    """The figures of a run."""

    judged: bool = False
    released: Mapping[str, Released] = field(default_factory=dict)
    found: list[Figure] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    worse: list[str] = field(default_factory=list)
    work_cpu_s: float = 1.0  # of the fixed piece of work, as the bench started
    _quiet: bool = True

    def start(self) -> None:
        """Find out how fast the machine is, and whether it is idle, as a bench starts."""
        self.worse.clear()
        self.work_cpu_s = work_cpu_s()
        self._quiet = not self.judged or psutil.cpu_percent(1.0) <= BUSY_SHARE * 100

    def add(self, name: str, value: float, unit: str = "", goal: str = "", *, judged: bool = True) -> None:
        """Print and store a figure. `goal` is such as "<= 3" or ">= 1800"; its sign shows which direction is better.

        `judged`: False for those that differ by more than `WORSE` between two quiet runs, such as high percentiles.
        """
        figure = Figure(name, value, unit, self.work_cpu_s, more_is_better=goal.startswith(">"))
        self.found.append(figure)
        shown = f"{name}: {value:,.3g} {unit}" if value < 1000 else f"{name}: {value:,.0f} {unit}"
        print(f"\n{shown.rstrip()}{f' (goal {goal})' if goal else ''}{self._judgement(figure) if judged else ''}")

    def save(self, path: Path = RELEASED) -> None:
        """Write the figures of a release; figures of benches that did not run are unchanged."""
        kept = json.loads(path.read_text()) if path.exists() else {}
        found = {
            each.name: {"value": _rounded(each.value), "work_cpu_s": _rounded(each.work_cpu_s)} for each in self.found
        }
        path.write_text(json.dumps(dict(sorted((kept | found).items())), indent=1) + "\n")

    def _judgement(self, figure: Figure) -> str:
        released = self.released.get(figure.name)
        if not self.judged or released is None:
            return ""
        if not self._quiet:
            self.unjudged.append(figure.name)
            return f"; released {released.value:g}; the machine is busy"
        times = figure.worse_by(released)
        if times > WORSE:
            self.worse.append(f"{figure.name}: {figure.value:g}, {times:.2f} times worse than {released.value:g}")
        return f"; released {released.value:g}, now {times:.2f} times as much effort"


def read_released(path: Path = RELEASED) -> Mapping[str, Released]:
    """Figures of the last release by their names."""
    content = json.loads(path.read_text()) if path.exists() else {}
    return {name: Released(each["value"], each["work_cpu_s"]) for name, each in content.items()}


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
