"""Running tests once records which lines of the product each executes, and which files start processes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.affected.source_tree import git, read_tree
from tests.chaos.mutation.sampling import measure, tracer
from tests.chaos.mutation.sampling.coverage_map import OUTSIDE_TESTS, CoverageMap
from tests.chaos.mutation.sampling.results import digest_of
from tests.chaos.mutation.sampling.sample import product_sources

PRODUCT = "libs/numbers_of_ours.py"
FILES = {
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\nmarkers = ["kafka: x", "slow: x"]\n',
    PRODUCT: "def one() -> int:\n    return 1\n\n\ndef two() -> int:\n    return 2\n\n\nLIMIT = one()\n",
    "tests/test_one.py": "from libs.numbers_of_ours import one\n\n\ndef test_one() -> None:\n    assert one() == 1\n",
    "tests/test_two.py": "from libs.numbers_of_ours import one, two\n\n\ndef test_two() -> None:\n"
    "    assert two() == 2\n\n\ndef test_red() -> None:\n    assert one() == two()\n",
    "tests/test_starter.py": "import subprocess\n\n\ndef test_start() -> None:\n"
    "    subprocess.run(['true'], check=True)\n",
}
TRACER = Path(tracer.__file__).relative_to(measure.ROOT)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two functions and their tests, as the current folder."""
    if not measure.COVERAGE.is_dir():
        pytest.skip("`make mutate-map` has not installed coverage.py")
    root = tmp_path / "checkout"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / TRACER).parent.mkdir(parents=True)
    shutil.copy2(measure.ROOT / TRACER, root / TRACER)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    git(root, "add", ".")
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")
    return root


def test_the_map_knows_the_lines_of_each_test_and_the_files_that_start_processes(checkout: Path) -> None:
    file = checkout / "var/map.sqlite"
    measure.main(["--map", str(file)], standalone_mode=False)
    known = CoverageMap(file, digest_of(product_sources(read_tree(checkout))))
    assert known.files() == {"tests/test_one.py": False, "tests/test_starter.py": True, "tests/test_two.py": False}
    names = {line: {each.name for each in known.tests_executing(PRODUCT, line)} for line in (2, 6, 9)}
    assert names == {
        2: {"tests/test_one.py::test_one", "tests/test_two.py::test_red", OUTSIDE_TESTS},
        6: {"tests/test_two.py::test_two", "tests/test_two.py::test_red"},
        9: {OUTSIDE_TESTS},
    }


def test_files_that_are_in_the_map_are_not_run_again(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["--map", str(checkout / "var/map.sqlite"), "tests/test_one"]
    measure.main(arguments, standalone_mode=False)
    assert "1 passed" in capfd.readouterr().out
    measure.main(arguments, standalone_mode=False)
    assert capfd.readouterr().out == ""
