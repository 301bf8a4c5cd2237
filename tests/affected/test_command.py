"""The command compares with a base, prints the affected tests, and runs them up to a limit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.affected import __main__ as command
from tests.affected.source_tree import git

ROOT = Path(__file__).parents[2]
COMMIT = ("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "--allow-empty", "-m", "x")
FILES = {
    "libs/__init__.py": "",
    "libs/one.py": "X = 1\n",
    "libs/two.py": "X = 2\n",
    "tests/unit/test_one.py": "from libs.one import X\n\n\ndef test_x() -> None:\n    assert X\n",
    "tests/unit/test_two.py": "from libs.two import X\n\n\ndef test_x() -> None:\n    assert X\n",
}
TESTS = ["tests/unit/test_one.py", "tests/unit/test_two.py"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one commit."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    git(tmp_path, "add", ".")
    git(tmp_path, *COMMIT)
    return tmp_path


def listed(checkout: Path, *arguments: str) -> list[str]:
    ran = run(checkout, "--list", *arguments)
    assert ran.exit_code == 0, ran.output
    return ran.stdout.splitlines()


def run(checkout: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command.main, ["--root", str(checkout), *arguments])


def test_a_change_that_is_not_committed_counts(checkout: Path) -> None:
    assert listed(checkout, "--base", "HEAD") == []
    (checkout / "libs/one.py").write_text("X = 3\n")
    assert listed(checkout, "--base", "HEAD") == TESTS[:1]


def test_a_new_test_file_counts_before_git_knows_it(checkout: Path) -> None:
    (checkout / "tests/unit/test_new.py").write_text("def test_x() -> None: ...\n")
    assert listed(checkout, "--base", "HEAD") == ["tests/unit/test_new.py"]


def test_commits_since_the_branch_left_the_base_count_and_those_of_the_base_do_not(checkout: Path) -> None:
    base = git(checkout, "rev-parse", "--abbrev-ref", "HEAD").strip()
    (checkout / "libs/one.py").write_text("X = 3\n")
    git(checkout, *COMMIT, "--all")
    git(checkout, "checkout", "-q", "-b", "mine", "HEAD~1")
    (checkout / "libs/two.py").write_text("X = 3\n")
    git(checkout, *COMMIT, "--all")
    assert listed(checkout, "--base", base) == TESTS[1:]


def test_a_renamed_module_affects_the_tests_of_its_old_name(checkout: Path) -> None:
    (checkout / "libs/one.py").rename(checkout / "libs/three.py")
    git(checkout, "add", "--all")
    assert listed(checkout, "--base", "HEAD") == TESTS[:1]


@pytest.mark.parametrize("base", ["", "no-such-branch", "0" * 40, "--octopus"])
def test_without_a_known_base_every_file_counts_as_changed(checkout: Path, base: str) -> None:
    assert listed(checkout, "--base", base) == TESTS


def test_the_report_names_what_changed_and_what_is_affected(checkout: Path) -> None:
    (checkout / "libs/one.py").write_text("X = 3\n")
    assert json.loads(run(checkout, "--json", "--base", "HEAD").stdout) == {
        "base": "HEAD",
        "changed": ["libs/one.py"],
        "test_files": 2,
        "affected": [{"path": TESTS[0], "distance": 1}],
    }


def test_a_folder_that_is_no_checkout_and_a_file_that_does_not_parse_are_errors(tmp_path: Path, checkout: Path) -> None:
    outside = tmp_path.parent
    ran = run(outside, "--list")
    assert (ran.exit_code, "git ls-files failed" in ran.output) == (1, True)
    (checkout / "libs/one.py").write_text("X = (\n")
    ran = run(checkout, "--list")
    assert (ran.exit_code, "libs/one.py:1: " in ran.output) == (1, True)


MANY = """
import pytest

@pytest.mark.parametrize('number', range(50))
def test_x(number: int) -> None:
    assert number != {fails}
"""


def limited(folder: Path, fails: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run 50 tests with the plugin; test number `fails` fails."""
    (folder / "test_many.py").write_text(MANY.format(fails=fails))
    plugin = ("-p", "tests.affected.time_limit", "-p", "no:cacheprovider")
    alone = ("PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", "PYTEST_PLUGINS=xdist.plugin", f"PYTHONPATH={ROOT}")
    line = ("env", *alone, sys.executable, "-m", "pytest", "-q", *plugin, *arguments, "test_many.py")
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["one-process", "xdist"])
def test_no_test_starts_after_the_limit_and_that_is_no_failure(tmp_path: Path, workers: tuple[str, ...]) -> None:
    ran = limited(tmp_path, -1, "--stop-after=1e-9", *workers)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "`make test` runs the rest" in ran.stdout
    assert "50 passed" not in ran.stdout


def test_a_failure_before_the_limit_fails(tmp_path: Path) -> None:
    ran = limited(tmp_path, 0, "--stop-after=1e-9")
    assert ran.returncode not in (0, pytest.ExitCode.NO_TESTS_COLLECTED), ran.stdout


def test_a_run_within_the_limit_is_whole(tmp_path: Path) -> None:
    ran = limited(tmp_path, -1, "--stop-after=600")
    assert (ran.returncode, "50 passed" in ran.stdout) == (0, True)


def test_the_affected_tests_are_run_and_no_other(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DISABLE_PLUGIN_AUTOLOAD", "1"), ("PLUGINS", "xdist.plugin")):
        monkeypatch.setenv(f"PYTEST_{name}", value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # compiled files would be differences from the base
    settings = '[tool.pytest.ini_options]\npythonpath = ["."]\nmarkers = ["kafka: x", "slow: x"]\n'
    (checkout / "pyproject.toml").write_text(settings)
    (checkout / "libs/one.py").write_text("X = 0\n")
    git(checkout, "add", ".")
    git(checkout, *COMMIT)
    assert run(checkout, "--base", "HEAD").exit_code == 0  # the test of one.py is red, and not affected
    (checkout / "libs/two.py").write_text("X = 3\n")
    assert run(checkout, "--base", "HEAD").exit_code == 0
    assert "1 passed" in capfd.readouterr().out
    (checkout / "libs/two.py").write_text("X = 0\n")
    ran = run(checkout, "--base", "HEAD")
    assert ran.exit_code != 0
    assert "1 of 2 test files" in ran.stderr
    assert "assert 0" in capfd.readouterr().out
