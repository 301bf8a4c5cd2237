"""The tests can be collected, and their names are the same in every process: workers that disagree run nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLLECT = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests")
LIMIT_S = 550  # ends a hang
# Workers hash differently; that is what `make test` compares the names of all tests by.
NAMES_BY_HASH = """
import pytest
WORDS = {f"word-{number}" for number in range(100)}
@pytest.mark.parametrize("word", WORDS)
def test_it(word):
    assert word
"""
NAMES_BY_TIME = """
import time, pytest
@pytest.mark.parametrize("now", [str(time.time_ns())])
def test_it(now):
    assert now
"""


@pytest.mark.timeout(LIMIT_S + 50)
def test_every_test_can_be_collected() -> None:
    collected = subprocess.run(COLLECT, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert collected.returncode == 0, collected.stdout + collected.stderr
    names = [line for line in collected.stdout.splitlines() if "::" in line]
    assert len(names) > 10_000
    assert [name for name in names if " at 0x" in name] == []


@pytest.mark.parametrize("text", [NAMES_BY_HASH, NAMES_BY_TIME], ids=["hashes", "the time"])
def test_workers_whose_names_differ_run_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "test_inner.py").write_text(text)
    command = ("env", "-u", "PYTHONHASHSEED", sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-n", "2")
    ended = subprocess.run(
        (*command, "--dist", "loadfile", "-p", "no:cacheprovider", str(tmp_path)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode != 0
    assert "Different tests were collected" in ended.stdout
    assert " passed" not in ended.stdout
