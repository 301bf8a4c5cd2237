"""Pythons of a machine that are used for tests, and the reports about the others."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pins_of_tests import pins_of_tests

from tests.suites.interpreters import Interpreter, find_interpreters
from tests.suites.line import Result
from tests.suites.pythons import main, without_wheel

SHIM = "echo 'pyenv: python3.13: command not found' >&2; echo 'The command exists in: 3.13.0' >&2; exit 127"
BARE = "printf 'Traceback (most recent call last):\\nModuleNotFoundError: No module named ensurepip' >&2; exit 1"


def python(folder: Path, name: str, script: str) -> Path:
    """Write a program that answers as an interpreter does, or does not."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_one_python_of_each_version_is_found_and_the_others_have_a_reason(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    own = python(tmp_path, "own", "echo 3 11 7")
    new = python(one, "python3.12", "echo 3 12 1")
    shim = python(one, "python3.13", SHIM)
    old = python(one, "python3.9", "exit 1")
    same = python(two, "python3.11", "echo 3 11 2")
    again = python(two, "python3.12", "echo 3 12 5")
    bare = python(two, "python3.14", BARE)
    python(two, "python3.11-config", "echo 3 11 2")
    (two / "python3.15").symlink_to(new)
    assert find_interpreters([one, two], own) == [
        Interpreter(own, (3, 11, 7)),
        Interpreter(new, (3, 12, 1)),
        Interpreter(shim, problem="does not run: pyenv: python3.13: command not found"),
        Interpreter(old, (3, 9), "older than 3.11"),
        Interpreter(same, (3, 11, 2), f"the same version as {own}"),
        Interpreter(again, (3, 12, 5), f"the same version as {new}"),
        Interpreter(bare, problem="does not run: ModuleNotFoundError: No module named ensurepip"),
    ]


@pytest.mark.parametrize(
    ("output", "verdict", "figure"),
    [
        ("ERROR: No matching distribution found for scipy==1.17.1\n", "left out", "no pinned wheel of scipy==1.17.1"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n", "failed", "pip"),
    ],
)
def test_a_python_without_a_wheel_is_left_out_and_any_other_error_fails(output: str, verdict: str, figure: str) -> None:
    result = without_wheel(Result("install", "failed", "pip", 1.0, 0.5, 0.0, "log"), output)
    assert (result.verdict, result.figure) == (verdict, figure)


def test_the_list_names_every_python_and_leaves_out_the_one_that_make_test_runs_on() -> None:
    shown = CliRunner().invoke(main, ["--list"])
    assert shown.exit_code == 0
    own = next(line for line in shown.output.splitlines() if line.split()[1] == sys.executable)
    assert own.endswith("make test runs on it")


def test_the_tools_of_the_tests_are_pinned_beside_the_oldest_dependencies_and_types_are_not() -> None:
    project = '[project.optional-dependencies]\ntest = ["Pytest>=8", "types-x", "asyncpg-stubs", "ruff", "pint"]\n'
    lock = "asyncpg-stubs==1 \\\n    --hash=x\npint==2 ; python_version > '3'\npytest==9.2.0 \\\nruff==3\ntypes-x==4\n"
    assert pins_of_tests(project, lock) == ["pytest==9.2.0", "pint==2"]
