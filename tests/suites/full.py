"""`python -m tests.suites.full`: every suite in full, with fresh seeds, and one table of results."""

import sys
from pathlib import Path
from typing import Final

import click

from tests.suites.gate import ALWAYS, IN_TURN, PARTS
from tests.suites.line import Line, run_line
from tests.suites.report import as_json, commit_of, save, saved, table

RESULTS: Final = Path("var/test-full.json")
LOGS: Final = Path("var/test-full")
# In full only: `freezes` is judged by the clock; each of the others has a cut in `make test-kafka-cluster`.
CHAOS: Final = (*ALWAYS, *IN_TURN, "freezes", "elections", "growth", "upgrade")
LINES: Final = (
    Line("check", ("make", "-j2", "--output-sync=target", "check")),
    *(Line(part, ("make", f"test-{part}")) for part in PARTS),
    Line("slow", ("make", "test-slow", "ARGS=--whole")),
    Line("kafka", ("make", "test-kafka", "ARGS=--whole")),
    Line("kafka-cluster", ("make", "test-kafka-cluster")),
    Line("pgbouncer", ("make", "test-pgbouncer")),
    Line("clients", ("make", "test-clients"), r"(\d+ of \d+ scenarios)"),
    Line("conformance", ("make", "test-mcp-conformance"), r"(\d+ passed, \d+ failed)"),
    Line("besiege", ("make", "besiege")),
    Line("idle-streams", ("make", "test-idle-streams"), r"(10000 streams opened.*)"),
    Line("oldest", ("make", "test-oldest")),
    Line("pythons", ("make", "test-pythons"), r"(3\.\d+.*(?:ok|failed|left out): .*)"),
    Line("exactness", ("make", "exactness")),
    Line("properties", ("make", "test-properties")),
    *(Line(f"chaos-{name}", ("make", "chaos", f"ARGS={name}"), r"(== .*)") for name in CHAOS),
    Line("mutate", ("make", "mutate"), r"(\d+ guards, \d+ wrong)"),
    Line("bench", ("make", "bench", "ARGS=--judge-figures")),
)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(tuple(line.name for line in LINES)), metavar="[LINE]...")
@click.option("--resume", is_flag=True, help="Leave out the lines that passed on this commit.")
@click.option("--json", "as_json_", is_flag=True, help="Print the table as JSON.")
@click.option("--list", "listed", is_flag=True, help="Print the names and commands of all lines, and run none.")
def main(names: tuple[str, ...], *, resume: bool, as_json_: bool, listed: bool) -> None:
    """Run the lines NAMES, or all of them. A line that fails does not stop the next one.

    Results go to var/test-full.json after each line, logs to var/test-full. Ctrl-C ends the line that runs.
    """
    chosen = [line for line in LINES if line.name in (names or {each.name for each in LINES})]
    if listed:
        click.echo("\n".join(f"{line.name:<16} {' '.join(line.command)}" for line in chosen))
        return
    commit = commit_of(Path())
    results = {each.name: each for each in saved(RESULTS, commit)} if resume else {}
    for number, line in enumerate(chosen, 1):
        if (earlier := results.get(line.name)) and earlier.is_ok:
            click.echo(f"{number} of {len(chosen)} {line.name}: passed on this commit before", err=True)
            continue
        click.echo(f"{number} of {len(chosen)} {line.name}: runs, {LOGS / line.name}.log", err=True)
        results[line.name] = run_line(line, LOGS / f"{line.name}.log", echo=False)
        save(RESULTS, commit, list(results.values()))
        click.echo(f"{results[line.name].verdict}, {results[line.name].figure}", err=True)
        if results[line.name].verdict == "interrupted":
            break
    done = [results[line.name] for line in chosen if line.name in results]
    click.echo(as_json(commit, done) if as_json_ else table(done))
    sys.exit(0 if len(done) == len(chosen) and all(each.is_ok for each in done) else 1)


if __name__ == "__main__":
    main()
