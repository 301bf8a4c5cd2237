"""Results of a run."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.chaos.case import Violation
from tests.chaos.cluster import Cluster
from tests.chaos.figures import Figures
from tests.chaos.strain import Strain


@dataclass(frozen=True)
class Report:
    """Results of a run. `folder` has the history and the logs; `complaints` counts what processes logged as errors.

    `tails` is the end of every log, for a run that is not sound.
    """

    scenario: str
    seed: int
    figures: Figures | Strain
    violations: tuple[Violation, ...]
    complaints: tuple[tuple[str, int], ...]
    folder: Path
    tails: str = ""

    @property
    def sound(self) -> bool:
        return not self.violations


def complaints_of(fleet: Cluster) -> tuple[tuple[str, int], ...]:
    """Logged errors by message, the most frequent first."""
    return tuple(Counter(_message(line) for line in fleet.complaints()).most_common())


def _message(line: str) -> str:
    name, _, logged = line.partition(": ")
    try:
        return f"{name}: {str(orjson.loads(logged).get('message', logged))[:160]}"
    except orjson.JSONDecodeError:
        return line[:200]
