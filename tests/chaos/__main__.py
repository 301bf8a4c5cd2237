"""`python -m tests.chaos`: run the scenarios and print their figures; the exit code is 1 when a promise was broken."""

import asyncio
import json
import random
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
import uvloop

from tests.chaos.playing import play, scenarios
from tests.chaos.report import Report

_SHOWN = 20


@click.command()
@click.argument("names", nargs=-1)
@click.option("--seed", type=int, default=None, help="Decides the faults and the questions; default: a new one.")
@click.option("--cut", is_flag=True, help="The short forms.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each scenario.")
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Folder that keeps histories and logs.")
def main(names: tuple[str, ...], seed: int | None, *, cut: bool, as_json: bool, keep: Path | None) -> None:
    """Run the scenarios NAMES, or all of them."""
    there = scenarios(cut=cut)
    seed = random.randrange(1_000_000) if seed is None else seed
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    reports = []
    for name in names or there:
        click.echo(f"{name}: seed {seed}", err=True)
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-", dir=keep))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            reports.append(runner.run(play(there[name], seed, folder)))
        tell(reports[-1], as_json=as_json)
        if reports[-1].sound and keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(0 if all(report.sound for report in reports) else 1)


def tell(report: Report, *, as_json: bool) -> None:
    """Print a report."""
    if as_json:
        broken = [asdict(violation) for violation in report.violations]
        figures = asdict(report.figures)
        fields = {"scenario": report.scenario, "seed": report.seed, "figures": figures, "violations": broken}
        click.echo(json.dumps(fields))
        return
    click.echo("\n".join((f"== {report.scenario} (seed {report.seed})", *report.figures.lines())))
    for complaint, count in report.complaints[:_SHOWN]:
        click.echo(f"logged {count} times: {complaint}")
    for violation in report.violations[:_SHOWN]:
        click.echo(f"BROKEN {violation}")
    if not report.sound:
        click.echo(f"{len(report.violations)} promises broken; history and logs: {report.folder}")
        click.echo(report.tails, err=True)


if __name__ == "__main__":
    main()
