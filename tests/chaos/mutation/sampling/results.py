"""The file of a sample: the result of each break, with a field for a verdict on the survivors."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

EQUIVALENT, HOLE = "equivalent", "hole"


@dataclass
class Trial:
    """One break. A reader sets `verdict` of a survivor to `equivalent` or `hole`, with the reason.

    `missed`: tests outside the selection that failed. None if they were not run.
    """

    file: str
    line: int
    operator: str
    before: str
    after: str
    outcome: str
    test: str
    test_files: int
    seconds: float
    missed: list[str] | None = None
    verdict: str = ""
    reason: str = ""

    @property
    def key(self) -> tuple[str, int]:
        return self.file, self.line


@dataclass
class Results:
    """The trials of one seed on one state of the sources."""

    seed: int
    sources: str
    trials: list[Trial] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        written = path.with_suffix(".new")
        written.write_text(json.dumps(asdict(self), indent=2) + "\n")
        written.replace(path)

    def summary(self) -> dict[str, object]:
        """Count outcomes. `caught_share` leaves out breaks that change nothing, and those without a result."""
        counts = Counter(trial.outcome for trial in self.trials)
        judged = Counter(trial.verdict for trial in self.trials if trial.outcome == "survived")
        decided = counts["caught"] + counts["hang"] + counts["survived"] - judged[EQUIVALENT]
        return {
            "seed": self.seed,
            "trials": len(self.trials),
            "outcomes": dict(counts),
            "equivalent": judged[EQUIVALENT],
            "holes": judged[HOLE],
            "without_verdict": judged[""],
            "missed_by_selection": sum(bool(trial.missed) for trial in self.trials),
            "caught_share": round(counts["caught"] / decided, 4) if decided else None,
        }

    @property
    def is_clean(self) -> bool:
        """Whether every break was caught, or survived because it changes nothing."""
        return all(
            trial.outcome == "caught" or (trial.outcome == "survived" and trial.verdict == EQUIVALENT)
            for trial in self.trials
        ) and not any(trial.missed for trial in self.trials)


def load(path: Path, seed: int, sources: Mapping[str, str]) -> Results:
    """Read the results of an earlier run, or begin new ones. Raises ClickException if they are of another sample."""
    digest = digest_of(sources)
    if not path.exists():
        return Results(seed, digest)
    try:
        known = json.loads(path.read_text())
        results = Results(known["seed"], known["sources"], [Trial(**trial) for trial in known["trials"]])
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{path} is no file of results: {error}") from error
    if (results.seed, results.sources) != (seed, digest):
        raise click.ClickException(f"{path} is of seed {results.seed} or of other sources; give another --results")
    wrong = sorted({trial.verdict for trial in results.trials} - {"", EQUIVALENT, HOLE})
    if wrong:
        raise click.ClickException(f"{path}: a verdict is `equivalent`, `hole` or empty, not {wrong[0]!r}")
    return results


def digest_of(sources: Mapping[str, str]) -> str:
    """Identifies one state of the sources."""
    text = "\0".join(f"{path}\0{sources[path]}" for path in sorted(sources))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
