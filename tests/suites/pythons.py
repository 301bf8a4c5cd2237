"""`python -m tests.suites.pythons`: the unit and flow tests on every Python of this machine that we promise to run on.

Each has a separate environment with the pinned wheels, in .venv-pythons. Which were found, and which are
left out and why, is printed first and last.
"""

import re
import sys
from pathlib import Path
from typing import Final

import click

from tests.suites.interpreters import Interpreter, find_interpreters, interpreter_folders
from tests.suites.line import Line, Result, run_line

ENVIRONMENTS: Final = Path(".venv-pythons")
LOGS: Final = Path("var/test-pythons")
TESTS: Final = ("tests/unit", "tests/flow")
_NO_WHEEL: Final = re.compile(r"No matching distribution found for (\S+)")
_OPTIONS: Final = ("-q", "-n", "auto", "--dist", "loadfile", "-m", "not kafka and not slow")


@click.command()
@click.argument("tests", nargs=-1)
@click.option("--list", "listed", is_flag=True, help="Print which Pythons were found, and test with none.")
@click.option("--all", "all_", is_flag=True, help="Test with the version of this Python too, which `make test` does.")
def main(tests: tuple[str, ...], *, listed: bool, all_: bool) -> None:
    """Run TESTS (the unit and flow tests) on every Python. One without pinned wheels is left out, and named."""
    found = [_judged(each, all_=all_) for each in find_interpreters(interpreter_folders(), Path(sys.executable))]
    lines = {each.path: each.problem for each in found}
    click.echo(_table(found, lines))
    if listed:
        return
    is_ok = True
    for each in found:
        if not each.problem:
            result = _tested(each, tests or TESTS)
            is_ok = is_ok and result.verdict in {"ok", "left out"}
            lines[each.path] = f"{result.verdict}: {result.figure}, {result.seconds:.0f} s, {result.log}"
    click.echo(_table(found, lines))
    sys.exit(0 if is_ok else 1)


def _judged(interpreter: Interpreter, *, all_: bool) -> Interpreter:
    if interpreter.problem or all_ or interpreter.version[:2] != sys.version_info[:2]:
        return interpreter
    return Interpreter(interpreter.path, interpreter.version, "make test runs on it")


def _tested(interpreter: Interpreter, tests: tuple[str, ...]) -> Result:
    environment = ENVIRONMENTS / interpreter.name
    install = ("make", "install", f"VENV={environment}", f"PYTHON={interpreter.path}")
    click.echo(f"{interpreter.name}: {' '.join(install)}", err=True)
    installed = run_line(Line("install", install), LOGS / f"{interpreter.name}-install.log", echo=False)
    if not installed.is_ok:
        return without_wheel(installed, Path(installed.log).read_text())
    command = (str(environment / "bin" / "python"), "-m", "pytest", *_OPTIONS, *tests)
    click.echo(f"{interpreter.name}: {' '.join(command)}", err=True)
    return run_line(Line("tests", command), LOGS / f"{interpreter.name}.log", echo=False)


def without_wheel(installed: Result, output: str) -> Result:
    """Result of an installation that failed: left out if a package has no wheel for this Python."""
    if (match := _NO_WHEEL.search(output)) is None:
        return installed
    figure = f"no pinned wheel of {match[1]}"
    return Result(
        "install", "left out", figure, installed.seconds, installed.cpu_s, installed.others_share, installed.log
    )


def _table(found: list[Interpreter], lines: dict[Path, str]) -> str:
    ordered = sorted(found, key=lambda each: each.version)
    rows = [(".".join(map(str, each.version)) or "?", str(each.path), lines[each.path] or "found") for each in ordered]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{version:<{widths[0]}}  {path:<{widths[1]}}  {line}" for version, path, line in rows)


if __name__ == "__main__":
    main()
