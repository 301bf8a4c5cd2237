"""The runs of all suites: the result of a line, resumption after an interruption, selection of a gate."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from tests.bench.figures import WORSE, Figures, Released, read_released
from tests.chaos.playing import scenarios
from tests.suites.budgets import BUDGETS_S, NEW_AREA_S, over_budget
from tests.suites.full import CHAOS
from tests.suites.gate import ALWAYS, IN_TURN, PARTS, SEEN_BY_CLIENTS, Change, chaos_in_turn, gate_lines
from tests.suites.line import NOT_JUDGED, Line, Result, last_match, run_line
from tests.suites.report import save, saved, table
from tests.support.paths import ROOT

OK = Result("test", "ok", "3 passed", 1.0, 0.5, 0.02, "test.log")


def line(program: str, limit_s: float = 60.0) -> Line:
    return Line("line", (sys.executable, "-c", program), limit_s=limit_s)


def test_a_result_has_the_figure_the_cpu_time_and_the_log(tmp_path: Path) -> None:
    spin = "import time\nwhile time.process_time() < 0.5: pass\nprint('2 passed, 1 skipped in 0.50s')"
    result = run_line(line(spin), tmp_path / "deep" / "line.log", echo=False)
    assert (result.verdict, result.figure) == ("ok", "2 passed, 1 skipped")
    assert 0.4 < result.cpu_s <= result.seconds * 2
    assert "2 passed" in Path(result.log).read_text()
    assert 0 < result.work_cpu_s < 10


@pytest.mark.parametrize(
    ("output", "figure"),
    [
        ("1 failed, 2 passed in 3.00s\n4 passed, 1 warning in 5.00s (0:00:05)\n", "4 passed"),
        ("no figure\nat all\n\n", "at all"),
        ("", ""),
    ],
)
def test_the_last_figure_counts(output: str, figure: str) -> None:
    assert last_match(Line("x", ()).figure, output) == figure


def test_a_command_that_fails_or_takes_too_long_is_not_ok(tmp_path: Path) -> None:
    failed = run_line(line("raise SystemExit(3)"), tmp_path / "log", echo=False)
    assert failed.verdict == "failed"
    ends = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)"  # a background process may ignore it
    program = f"{ends}; import threading; print('began', flush=True); threading.Event().wait()"
    late = run_line(line(program, limit_s=1.0), tmp_path / "log", echo=False)
    assert late.verdict == "out of time"
    assert not late.is_ok


def test_a_line_does_not_take_the_arguments_of_the_make_that_runs_it(tmp_path: Path) -> None:
    makefile, log, program = (tmp_path / name for name in ("Makefile", "line.log", "run.py"))
    program.write_text(f"""
from pathlib import Path
from tests.suites.line import Line, run_line
run_line(Line("inner", ("make", "-f", {str(makefile)!r}, "inner")), Path({str(log)!r}), echo=False)
""")
    makefile.write_text(f"outer:\n\tPYTHONPATH=. {sys.executable} {program}\ninner:\n\t@echo given '$(ARGS)'\n")
    subprocess.run(("make", "-f", str(makefile), "outer", "ARGS=--resume"), check=True, timeout=60)
    assert "given \n" in log.read_text()


def test_suites_keep_compiled_files_where_the_environment_forbids_them(tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    shown = "import sys; print(sys.dont_write_bytecode)"
    makefile.write_text(f"include {ROOT / 'Makefile'}\nshown:\n\t@{sys.executable} -c '{shown}'\n")
    command = ("env", "PYTHONDONTWRITEBYTECODE=1", "make", "--no-print-directory", "-f", str(makefile), "shown")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


def test_a_bench_that_judged_nothing_did_not_pass(tmp_path: Path) -> None:
    busy = f"print('1 passed in 1.0s')\nprint({NOT_JUDGED!r}, 'as the machine was busy: all')"
    result = run_line(line(busy), tmp_path / "log", echo=False)
    assert (result.verdict, result.is_ok, result.figure) == ("not judged", False, "1 passed")


def test_a_run_goes_on_after_the_lines_that_passed_on_this_commit(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    save(path, "abc", [OK, replace(OK, name="kafka", verdict="failed")])
    assert [(each.name, each.is_ok) for each in saved(path, "abc")] == [("test", True), ("kafka", False)]
    assert saved(path, "def") == saved(path, "") == saved(tmp_path / "none", "abc") == []


def test_ctrl_c_keeps_what_was_done_and_ends_what_runs(tmp_path: Path) -> None:
    program = f"""
import signal
import sys
from pathlib import Path
from tests.suites import full
from tests.suites.line import Line
waits = "import os, threading; print(os.getpid(), flush=True); threading.Event().wait()"
full.RESULTS, full.LOGS = Path({str(tmp_path / "results.json")!r}), Path({str(tmp_path)!r})
full.LINES = (Line("one", ("true",)), Line("two", (sys.executable, "-c", waits)), Line("three", ("true",)))
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
full.main([])
"""
    with subprocess.Popen((sys.executable, "-c", program), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        log = tmp_path / "two.log"
        while not (log.exists() and log.read_text().endswith("\n")):
            assert process.poll() is None
            time.sleep(0.05)  # noqa: TID251 - another process writes the file
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "two            interrupted" in output
    lines = json.loads((tmp_path / "results.json").read_text())["lines"]
    assert [(each["name"], each["verdict"]) for each in lines] == [("one", "ok"), ("two", "interrupted")]
    assert not Path("/proc", log.read_text().strip()).exists()


def test_the_table_has_a_row_for_each_line_and_the_sum() -> None:
    rows = table([OK, replace(OK, name="kafka", verdict="failed", seconds=9.0)]).splitlines()
    assert [row.split()[:3] for row in rows[1:]] == [["test", "ok", "1"], ["kafka", "failed", "9"], ["all", "1", "of"]]
    assert "(test.log)" in rows[2]


def test_without_a_base_the_gate_runs_every_suite() -> None:
    lines = {each.name: " ".join(each.command) for each in gate_lines(Change("", None, ()), "abc")}
    assert list(lines) == ["check", *PARTS, "slow", "kafka", "bench", "clients", "conformance"]
    assert "FILES" not in lines["slow"]


def test_with_a_base_the_gate_runs_what_a_change_affects() -> None:
    slow = "tests/e2e/test_up.py"
    core = {each.name: each.command for each in gate_lines(Change("main", ("libs/core/clock.py",), (slow,)), "abc")}
    assert list(core) == ["check", "affected", *PARTS, "slow", "kafka", "bench"]
    assert f"FILES={slow}" in core["slow"]
    docs = [each.name for each in gate_lines(Change("main", ("docs/api.md",), ()), "abc")]
    assert "slow" not in docs
    seen = [each.name for each in gate_lines(Change("main", ("services/gateway/app.py",), ()), "abc")]
    assert seen[-2:] == ["clients", "conformance"]
    assert [prefix for prefix in SEEN_BY_CLIENTS if not (ROOT / prefix).is_dir()] == []


def test_each_file_of_tests_is_in_one_part() -> None:
    targets = [f"test-{part}" for part in PARTS]
    command = ("make", "--no-print-directory", "--dry-run", "--assume-old=install", *targets)
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    selected = Counter(file for line in printed.splitlines() for file in _files_of_command(line.split()))
    elsewhere = ("--ignore=tests/bench", "--ignore=tests/contract", "--ignore=tests/peers")
    assert selected == Counter(_files_of_command(elsewhere))


def _files_of_command(words: Sequence[str]) -> Iterator[str]:
    """Test files in the folders that a command names, without those that it ignores."""
    folders = [word for word in words if word.startswith("tests")] or ["tests"]
    left_out = [word.partition("=")[2] for word in words if word.startswith("--ignore=")]
    for file in chain.from_iterable((ROOT / folder).rglob("test_*.py") for folder in folders):
        if not any(file.is_relative_to(ROOT / folder) for folder in left_out):
            yield str(file)


def test_each_scenario_of_chaos_has_its_turn() -> None:
    assert {*ALWAYS, *IN_TURN} == set(scenarios(cut=True))
    assert set(CHAOS) == set(scenarios(cut=False))
    assert {chaos_in_turn(str(number)) for number in range(100)} == set(IN_TURN)
    (kafka,) = (each for each in gate_lines(Change("", None, ()), "abc") if each.name == "kafka")
    left_out = [name for name in (*ALWAYS, *IN_TURN) if f"[{name}]" in kafka.command[-1]]
    assert sorted(left_out) == sorted(set(IN_TURN) - {chaos_in_turn("abc")})


def test_an_area_has_its_budget_and_a_new_one_that_of_a_service() -> None:
    area, budget_s = next(iter(BUDGETS_S.items()))
    assert over_budget({area: budget_s, "unit/new": NEW_AREA_S}) == []
    assert over_budget({area: budget_s * 1.9}, slower=2.0) == over_budget({area: budget_s}, slower=0.5) == []
    found = over_budget({area: budget_s + 1, "unit/new": NEW_AREA_S + 1})
    assert [each.partition(":")[0] for each in found] == sorted([area, "unit/new"])


def test_a_bench_is_judged_by_the_release_and_the_speed_of_the_machine() -> None:
    released = {"time": 10.0, "rate": 1000.0, "ratio": 2.0}
    figures = Figures(judged=True, released={name: Released(each, 0.05) for name, each in released.items()})
    figures.work_cpu_s = 0.1
    figures.add("time", 20.0 * WORSE, "ms", "<= 1")
    figures.add("rate", 500.0 / WORSE + 1, "1/s", ">= 1")
    figures.add("ratio", 2.0, goal="<= 1")
    figures.add("new", 2.0, goal="<= 1")
    assert figures.worse == []
    figures.add("time", 20.0 * WORSE + 1, "ms", "<= 1")
    figures.add("rate", 499.0 / WORSE, "1/s", ">= 1")
    figures.add("ratio", 2.0 * WORSE + 0.1, goal="<= 1")
    assert [each.partition(":")[0] for each in figures.worse] == ["time", "rate", "ratio"]


def test_the_figures_of_a_release_keep_those_of_benches_that_did_not_run(tmp_path: Path) -> None:
    path = tmp_path / "released.json"
    for name in ("one", "two"):
        figures = Figures()
        figures.add(name, 1.23456, "ms")
        figures.save(path)
    assert {name: each.value for name, each in read_released(path).items()} == {"one": 1.235, "two": 1.235}
