"""`python -m tests.suites.gate`: the checks of a change, in the order in which they fail soonest."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from tests.plugins.memory import large_processes
from tests.suites.budgets import WORK_CPU_S, over_budget
from tests.suites.junit import cpu_by_area, long_waits, read_junit
from tests.suites.line import Line, Result, run_line
from tests.suites.report import as_json, commit_of, table

LOGS: Final = Path("var/gate")
ALWAYS: Final = ("kills", "broker")  # scenarios of chaos
IN_TURN: Final = ("stores", "poison", "rolling", "duplicates", "overload")
AFFECTED_S: Final = 120
PARTS: Final = ("libs", "services", "tools", "commands", "integration", "flows")  # of `make test`
# The client suites run when something changed that a client can see.
SEEN_BY_CLIENTS: Final = (
    "libs/contracts/",
    "libs/http/",
    "libs/runtime/",
    "services/gateway/",
    "services/mcp/",
    "tests/clients/",
    "tests/conformance/",
    "requirements/",
)
# Files whose tests have other targets than `make test-slow`.
OWN_TARGETS: Final = (
    "tests/bench/",
    "tests/brokers/",
    "tests/contract/",
    "tests/integration/postgres/test_pgbouncer.py",
    "tests/peers/",
)


@dataclass(frozen=True)
class Change:
    """Difference from a base; without a known base, everything."""

    base: str
    files: tuple[str, ...] | None
    affected: tuple[str, ...]

    def touches(self, prefixes: Sequence[str]) -> bool:
        """Whether a file below one of these paths differs."""
        return self.files is None or any(file.startswith(tuple(prefixes)) for file in self.files)


@click.command()
@click.option("--base", default="", help="Commit or branch that was accepted before. Without it, everything changed.")
@click.option("--installed-s", type=float, default=0.0, help="Seconds that the installation took before.")
@click.option("--json", "as_json_", is_flag=True, help="Print the table as JSON.")
@click.option("--list", "listed", is_flag=True, help="Print the commands, and run none.")
def main(base: str, installed_s: float, *, as_json_: bool, listed: bool) -> None:
    """Run the checks, the affected tests, every fast test, and a cut of each suite on real stores.

    The first line that fails ends the run. Needs Maven and Java for Apache Kafka.
    """
    commit = commit_of(Path())
    lines = list(gate_lines(change_since(base), commit or "uncommitted"))
    if listed:
        click.echo("\n".join(" ".join(line.command) for line in lines))
        return
    results = [Result("install", "ok", "", installed_s, 0.0, 0.0, "")] if installed_s else []
    for line in lines:
        click.echo(f"== {line.name}: {' '.join(line.command)}", err=True)
        results.append(run_line(line, LOGS / f"{line.name}.log", echo=True))
        if not results[-1].is_ok:
            break
    click.echo(as_json(commit, results) if as_json_ else table(results))
    faults = list(_judge(results))
    click.echo("\n".join(faults), err=True, nl=bool(faults))
    quiet = all(each.was_quiet for each in results)
    sys.exit(0 if all(each.is_ok for each in results) and not (faults and quiet) else 1)


def gate_lines(change: Change, seed: str) -> Iterator[Line]:
    """Yield the lines of a run. `seed` decides which scenario of chaos has its turn."""
    yield Line("check", ("make", "-j2", "--output-sync=target", "check"))
    if change.files is not None:
        command = ("make", "affected", f"BASE={change.base}", f"ARGS=--within {AFFECTED_S}")
        yield Line("affected", command)
    for part in PARTS:
        yield Line(part, ("make", f"test-{part}", f"ARGS=--junit-xml={_report_of(part)}"))
    yield from _slow(change)
    skipped = [name for name in IN_TURN if name != chaos_in_turn(seed)]
    deselected = [f"--deselect=tests/chaos/test_cut.py::test_no_promise_is_broken[{name}]" for name in skipped]
    yield Line("kafka", ("make", "test-kafka", f"ARGS=--junit-xml={_report_of('kafka')} {' '.join(deselected)}"))
    yield Line("bench", ("make", "bench-smoke"))
    if change.touches(SEEN_BY_CLIENTS):
        yield Line("clients", ("make", "test-clients"), figure=r"(\d+ of \d+ scenarios)")
        yield Line("conformance", ("make", "test-mcp-conformance"))


def chaos_in_turn(seed: str) -> str:
    """Scenario that runs besides those that always do."""
    return IN_TURN[int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % len(IN_TURN)]


def change_since(base: str) -> Change:
    """Result of `make affected`."""
    command = (sys.executable, "-m", "tests.affected", "--base", base, "--json")
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    files = None if report["changed"] is None else tuple(report["changed"])
    return Change(base, files, tuple(each["path"] for each in report["affected"]))


def _slow(change: Change) -> Iterator[Line]:
    """Yield the slow suites. Those with a seed find nothing new in code that did not change."""
    report = f"ARGS=--junit-xml={_report_of('slow')}"
    if change.files is None:
        yield Line("slow", ("make", "test-slow", report))
    elif files := " ".join(file for file in change.affected if _may_be_slow(file)):
        yield Line("slow", ("make", "test-slow", report, f"FILES={files}"))


def _may_be_slow(file: str) -> bool:
    return not file.startswith(OWN_TARGETS) and "slow" in Path(file).read_text()


def _judge(results: Sequence[Result]) -> Iterator[str]:
    """Yield waits, areas and processes that are too large on a quiet machine. On a busy one they are warnings."""
    for result in (each for each in results if each.is_ok and _report_of(each.name).exists()):
        cases = read_junit(_report_of(result.name))
        yield from long_waits(cases)
        if result.name in PARTS:
            yield from large_processes((case.peak_mb, case.name) for case in cases)
            yield from over_budget(cpu_by_area(cases), result.work_cpu_s / WORK_CPU_S)


def _report_of(name: str) -> Path:
    return LOGS / f"{name}.xml"


if __name__ == "__main__":
    main()
