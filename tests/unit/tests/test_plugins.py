"""The suite's own plugins, each in a run of pytest with the settings of this project."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.plugins.allowed_skips import AllowedSkip
from tests.plugins.groups import APART, FLEET_FILES, WAITING, group_of, turn_of
from tests.plugins.long_waits import LongWait
from tests.plugins.memory import LARGEST_MB, large_processes
from tests.plugins.skips import is_allowed
from tests.plugins.waits import LONGEST_WAIT_S, limit_s
from tests.suites.junit import long_waits, read_junit
from tests.support.paths import ROOT

NEEDED = ("pytest_asyncio.plugin", "pytest_timeout", "xdist.plugin")
PLUGINS = tuple(f"tests.plugins.{name}" for name in ("cpu", "groups", "memory", "skips", "time_limits", "waits"))
LIMIT_S = 120  # ends a hang

LONG_WAIT = "from libs.testing.waiting import WAITS\n\ndef test_waits():\n    WAITS.total_s += 6.5\n"
BUSY = """
import time
def test_busy():
    ended = time.process_time() + 0.3
    while time.process_time() < ended: pass
"""
SKIPS = (
    "import pytest\ndef test_it():\n    pytest.skip('no cells here')\n",
    "import pytest\n@pytest.mark.skipif(True, reason='no cells here')\ndef test_it(): ...\n",
    "import pytest\npytest.importorskip('no_cells_here')\ndef test_it(): ...\n",
    "import pytest\n@pytest.mark.parametrize('cells', [])\ndef test_it(cells): ...\n",
)
ENDED_EARLY = """
from xdist.workermanage import WorkerController
sent = WorkerController.send_runtest_some
def send_to_ended(self, indices):
    if self.gateway.id == "gw0":
        self.gateway._io.kill()
        raise OSError("cannot send (already closed?)")
    sent(self, indices)
WorkerController.send_runtest_some = send_to_ended
"""
LARGE = """
held = []
def test_small(): ...
def test_large(): held.append(b"x" * (256 << 20))
def test_after(): ...
"""
HANGS = "import pytest, threading\n@pytest.mark.timeout(1)\ndef test_hangs():\n    threading.Event().wait()\n"
LIMITS = """
import pytest
def limit(request):
    return request.node.get_closest_marker("timeout").args
def test_fast(request):
    assert limit(request) == (180,)
@pytest.mark.embedded
def test_embedded(request):
    assert limit(request) == (180,)
@pytest.mark.slow
def test_slow(request):
    assert limit(request) == (600,)
@pytest.mark.kafka
def test_kafka(request):
    assert limit(request) == (600,)
@pytest.mark.timeout(7)
@pytest.mark.slow
def test_own(request):
    assert limit(request) == (7,)
"""


def run(folder: Path, texts: Iterable[str], *options: str) -> subprocess.CompletedProcess[str]:
    for number, text in enumerate(texts):
        (folder / f"test_inner_{number}.py").write_text(text)
    loaded = [word for name in (*NEEDED, *PLUGINS) for word in ("-p", name)]
    python = ("env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", sys.executable)
    command = (*python, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider", *loaded, *options)
    return subprocess.run(
        (*command, str(folder)), cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_a_skip_that_is_not_listed_fails_the_run(tmp_path: Path, options: tuple[str, ...]) -> None:
    ended = run(tmp_path, SKIPS, *options)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended.stdout
    _, _, listing = ended.stdout.partition("skips that are not listed")
    for number, text in enumerate(SKIPS):
        assert f"test_inner_{number}.py" in listing, text


def test_a_listed_skip_is_allowed_for_its_tests_and_its_reason_alone() -> None:
    listed = (AllowedSkip("tests/a.py::*", "for root*", "CI runs as root"),)
    assert is_allowed("tests/a.py::test_one", "for root on Linux", listed)
    assert not is_allowed("tests/b.py::test_one", "for root on Linux", listed)
    assert not is_allowed("tests/a.py::test_one", "no cells here", listed)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_a_report_tells_waits_and_cpu_time(tmp_path: Path, options: tuple[str, ...]) -> None:
    report = tmp_path / "report.xml"
    run(tmp_path, [LONG_WAIT, BUSY], f"--junit-xml={report}", *options)
    cases = {case.name.rpartition("::")[2]: case for case in read_junit(report)}
    assert [each.partition(" waited ")[2] for each in long_waits(list(cases.values()))] == ["6.5 s"]
    assert cases["test_busy"].cpu_s >= 0.2
    assert cases["test_waits"].cpu_s < cases["test_busy"].cpu_s
    assert 20 < cases["test_waits"].peak_mb < 20_000


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_a_report_tells_the_memory_of_the_process(tmp_path: Path, options: tuple[str, ...]) -> None:
    report = tmp_path / "report.xml"
    ended = run(tmp_path, [LARGE], f"--junit-xml={report}", *options)
    assert re.search(r"largest test process: \d{3} MB", ended.stdout)
    small, large, after = (case.peak_mb for case in read_junit(report))
    assert small + 100 < large == after < 500


def test_a_test_that_makes_its_process_too_large_is_named() -> None:
    peaks = [(400.0, "a"), (LARGEST_MB, "b"), (900.0, "d"), (800.0, "c")]
    assert large_processes(peaks) == ["a test process held 900 MB, 500 are the most: c was the first above it"]
    assert large_processes(peaks[:2]) == large_processes([]) == []


def test_the_files_that_share_a_fleet_share_a_process() -> None:
    paths = {group_of(f"{path.relative_to(ROOT)}::test") for path in (ROOT / "tests/e2e").glob("test_*.py")}
    assert FLEET_FILES in paths
    assert "tests/e2e/test_up.py" in paths
    assert "tests/e2e/test_kafka_apart.py" not in paths


def test_tests_that_share_nothing_may_run_in_different_processes() -> None:
    assert all((ROOT / path).is_file() for path in (*APART, *WAITING))
    assert len({group_of(f"{APART[0]}::test[{number}]") for number in range(3)}) == 3


def test_groups_are_those_of_a_run_by_files(tmp_path: Path) -> None:
    ended = run(tmp_path, ["def test_it(): ..."] * 2, "-n", "2", "--dist", "loadfile", "-v")
    assert "scheduling tests via GroupScheduling" in ended.stdout


def test_groups_that_start_processes_begin_first_folder_by_folder(tmp_path: Path) -> None:
    sizes = {"tests/unit/a/a.py": 1, "tests/unit/b/b.py": 2, "tests/e2e/c.py": 3, FLEET_FILES: 4}
    sizes |= {"tests/integration/d/d.py": 5, "tests/integration/e/e.py": 6, "tests/integration/d/f.py": 7}
    turns = sorted(sorted(sizes, key=sizes.__getitem__, reverse=True), key=turn_of)
    assert "".join(turn[-4] for turn in turns) == "*cfdeba"
    many, few = (f"import pytest\n@pytest.mark.parametrize('n', range({n}))\ndef test_it(n): ..." for n in (9, 3))
    ended = run(tmp_path, [few, few, few, many], "-n", "1", "--dist", "loadfile", "-v")
    order = [line.partition("test_inner_")[2][0] for line in ended.stdout.splitlines() if "PASSED" in line]
    assert order == [*"3" * 9, *"000111222"]


def test_the_process_beside_gets_only_tests_that_wait(tmp_path: Path) -> None:
    shown = "def test_it(worker_id):\n    print(f'{__name__} in {worker_id}')\n"
    for name in ("test_waits", "test_fleet_a", "test_fleet_b", "test_fleet_c"):
        (tmp_path / f"{name}.py").write_text(shown)
    (tmp_path / "conftest.py").write_text("from tests.plugins import groups\ngroups.WAITING = ('test_waits.py',)\n")
    ended = run(tmp_path, (), "-n", "3", "--dist", "loadfile", "--beside", f"--rootdir={tmp_path}", "-rP")
    assert "4 passed" in ended.stdout
    assert [line for line in ended.stdout.splitlines() if line.endswith("in gw2")] == ["test_waits in gw2"]


def test_without_a_test_that_waits_the_process_beside_has_nothing_to_do(tmp_path: Path) -> None:
    ended = run(tmp_path, ["def test_it(): ..."] * 4, "-n", "3", "--dist", "loadfile", "--beside", "-v")
    assert "4 passed" in ended.stdout
    assert "[gw2]" not in ended.stdout


def test_a_test_that_ends_its_process_fails_alone_and_once(tmp_path: Path) -> None:
    passes = "import pytest\n@pytest.mark.parametrize('number', range(4))\ndef test_it(number): ...\n"
    crashes = passes + "def test_crashes():\n    import os\n    os._exit(1)\ndef test_after(): ...\n"
    ended = run(tmp_path, [passes, passes, crashes, passes, crashes], "-n", "2", "--dist", "loadfile")
    assert "2 failed, 22 passed" in ended.stdout


def test_a_process_that_ended_before_its_next_group_loses_no_test(tmp_path: Path) -> None:
    """The first group of a process cannot be sent, as if it had ended; its end is reported later."""
    passes = "import pytest\n@pytest.mark.parametrize('number', range(4))\ndef test_it(number): ...\n"
    (tmp_path / "conftest.py").write_text(ENDED_EARLY)
    ended = run(tmp_path, [passes] * 5, "-n", "2", "--dist", "loadfile")
    assert "1 failed, 19 passed" in ended.stdout
    assert "cannot send" not in ended.stdout


def test_a_long_wait_is_shown_in_the_summary(tmp_path: Path) -> None:
    ended = run(tmp_path, [LONG_WAIT])
    assert ended.returncode == pytest.ExitCode.OK
    assert "NOT LISTED" in ended.stdout


def test_a_listed_test_may_wait_to_its_own_limit() -> None:
    listed = (LongWait("tests/a.py::test_one*", 20.0, "a lease of 15 s runs out"),)
    assert limit_s("tests/a.py::test_one[x]", listed) == 20.0
    assert limit_s("tests/a.py::test_two", listed) == LONGEST_WAIT_S


def test_a_test_that_hangs_ends_with_the_stacks_of_all_threads(tmp_path: Path) -> None:
    ended = run(tmp_path, [HANGS])
    assert ended.returncode != pytest.ExitCode.OK
    assert "Stack of MainThread" in ended.stdout + ended.stderr
    assert "in test_hangs" in ended.stdout + ended.stderr


def test_limits_follow_the_markers(tmp_path: Path) -> None:
    ended = run(tmp_path, [LIMITS])
    assert ended.returncode == pytest.ExitCode.OK, ended.stdout
