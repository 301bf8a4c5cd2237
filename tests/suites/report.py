"""The table of a run, and its results as a file from which a later run resumes."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.suites.line import Result

_WIDTHS: Final = "{:<14} {:<12} {:>8} {:>8} {:>7}  {}"


def table(results: Sequence[Result]) -> str:
    """Row for each line, and the sums."""
    rows = [_WIDTHS.format("line", "verdict", "seconds", "CPU s", "others", "figure")]
    rows += [
        _WIDTHS.format(
            each.name,
            each.verdict,
            f"{each.seconds:.0f}",
            f"{each.cpu_s:.0f}",
            f"{each.others_share:.0%}",
            each.figure if each.is_ok else f"{each.figure}  ({each.log})",
        )
        for each in results
    ]
    seconds, cpu_s = sum(each.seconds for each in results), sum(each.cpu_s for each in results)
    good = sum(each.is_ok for each in results)
    rows.append(_WIDTHS.format("all", f"{good} of {len(results)}", f"{seconds:.0f}", f"{cpu_s:.0f}", "", ""))
    return "\n".join(rows)


def as_json(commit: str, results: Sequence[Result]) -> str:
    """Same as JSON."""
    return json.dumps({"commit": commit, "lines": [asdict(each) for each in results]}, indent=2)


def save(path: Path, commit: str, results: Sequence[Result]) -> None:
    """Write results so that an interruption leaves the old or the new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(as_json(commit, results))
    new.replace(path)


def saved(path: Path, commit: str) -> list[Result]:
    if not commit or not path.exists():
        return []
    content = json.loads(path.read_text())
    return [Result(**each) for each in content["lines"]] if content["commit"] == commit else []


def commit_of(root: Path) -> str:
    """Commit of a checkout, or nothing if its files differ from it: such results are of no commit."""
    if _git(root, "status", "--porcelain"):
        return ""
    return _git(root, "rev-parse", "HEAD")


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True, text=True).stdout.strip()
