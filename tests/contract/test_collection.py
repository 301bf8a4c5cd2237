"""The names of the tests are the same in every process that collects them: workers that disagree run nothing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLLECT = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests")
LIMIT_S = 1200  # ends a hang


def names(hash_seed: int) -> list[str]:
    """Return the tests as a new process sees them; it takes seconds, so the next one sees another time."""
    command = ("env", f"PYTHONHASHSEED={hash_seed}", *COLLECT)
    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert collected.returncode == 0, collected.stdout + collected.stderr
    return [line for line in collected.stdout.splitlines() if "::" in line]


def test_the_names_of_the_tests_depend_neither_on_the_time_nor_on_hashes() -> None:
    first, second = names(1), names(2)
    assert first
    assert [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]] == []
