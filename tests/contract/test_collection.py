"""The tests can be collected, and their names are the same in every process: workers that disagree run nothing.

Suites leave out the files in which they can select no test: the marks in their text are those of their tests.
"""

import functools
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract import marks_of_tests
from tests.plugins.collected import DECIDED, marks_of, may_select

ROOT = Path(__file__).parents[2]
PYTEST = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
COLLECT = (*PYTEST, "--whole", "-p", marks_of_tests.__name__, "tests")
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


@functools.cache
def collected_tests() -> subprocess.CompletedProcess[str]:
    return subprocess.run(COLLECT, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)


@pytest.mark.timeout(LIMIT_S + 50)
def test_every_test_can_be_collected() -> None:
    collected = collected_tests()
    assert collected.returncode == 0, collected.stdout + collected.stderr
    names = [line for line in collected.stdout.splitlines() if "::" in line]
    assert len(names) > 10_000
    assert [name for name in names if " at 0x" in name] == []


@pytest.mark.timeout(LIMIT_S + 50)
def test_every_test_has_the_marks_that_its_file_is_chosen_by() -> None:
    lines = [line.split(" ") for line in collected_tests().stdout.splitlines() if line.startswith(marks_of_tests.LINE)]
    stated = {path: marks_of((ROOT / path).read_text()) for _, path, *_ in lines}
    wrong = {
        (path, mark, tuple(marks))
        for _, path, *marks in lines
        for mark, has_it in stated[path].items()
        if (mark in marks) != has_it
    }
    assert len(lines) > 10_000
    assert wrong == set()
    assert len({path for path, marks in stated.items() if not may_select("kafka", marks)}) > 500
    assert {mark for _, _, *marks in lines for mark in marks} >= set(DECIDED)


def test_a_file_is_left_out_only_if_no_test_of_it_can_be_selected() -> None:
    every = marks_of("pytestmark = [pytest.mark.kafka, pytest.mark.slow]\n")
    some = marks_of("@pytest.mark.slow\ndef test_it(): ...\n")
    assert may_select("kafka and slow", every)
    assert not may_select("slow and not kafka", every)
    assert not may_select("not kafka and not slow", every)
    assert may_select("pgbouncer or not (kafka or siege)", some)
    assert [may_select(mark, some) for mark in ("slow", "not slow", "kafka", "hypothesis")] == [True, True, False, True]
    assert may_select("kafka(", some)  # pytest reports the mistake
    assert may_select("timeout(method='thread')", some)


def test_a_run_imports_no_file_without_a_test_for_it_unless_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "test_fast.py").write_text("raise RuntimeError('imported')\n")
    (tmp_path / "test_slow.py").write_text("import pytest\n@pytest.mark.slow\ndef test_it(): ...\n")
    command = (*PYTEST, "-c", "pyproject.toml", "-p", "tests.plugins.collected", "-m", "slow")
    run = functools.partial(subprocess.run, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    folder = run((*command, str(tmp_path)))
    assert folder.returncode == 0, folder.stdout
    assert "test_slow.py::test_it" in folder.stdout
    named = run((*command, str(tmp_path / "test_fast.py")))
    assert "RuntimeError: imported" in named.stdout


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
