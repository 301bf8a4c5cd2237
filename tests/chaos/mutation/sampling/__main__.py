"""`python -m tests.chaos.mutation.sampling`: break random single lines, and see whether the affected tests notice."""

import asyncio
import json
import tempfile
import time
from itertools import islice
from pathlib import Path

import click

from tests.affected.selection import Selection
from tests.affected.source_tree import SourceTree, read_tree
from tests.chaos.mutation.sampling.coverage_map import CoverageMap
from tests.chaos.mutation.sampling.operators import Break, broken
from tests.chaos.mutation.sampling.order import Line, Order, order_of
from tests.chaos.mutation.sampling.results import Results, Trial, digest_of, load
from tests.chaos.mutation.sampling.sample import draw, product_sources
from tests.chaos.mutation.sampling.trial import Bench, Limits, copy_product

# They run no line of the product, or collect every test there is: minutes for nothing.
_LEFT_OUT = ("tests/contract/test_collection.py", "tests/bench/", "tests/peers/")


@click.command()
@click.option("--seed", default=1, help="Decides which lines are broken, and how.")
@click.option("--count", default=100, type=click.IntRange(min=1), help="How many lines.")
@click.option(
    "--results", type=click.Path(dir_okay=False, path_type=Path), help="File that is continued, and holds verdicts."
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `make mutate-map` has recorded: tests that execute the broken line run first.",
)
@click.option("--silent-s", default=200.0, help="Seconds without a finished test that make a hang.")
@click.option("--limit-s", default=900.0, help="Seconds after which a break counts as unfinished.")
@click.option("--unselected", is_flag=True, help="Also run the tests that were not selected: each must pass.")
@click.option("--list", "listed", is_flag=True, help="Print the breaks, and try none.")
@click.option("--json", "as_json", is_flag=True, help="Print all trials and the summary as JSON.")
def main(
    seed: int,
    count: int,
    results: Path | None,
    map_file: Path | None,
    *,
    silent_s: float,
    limit_s: float,
    unselected: bool,
    listed: bool,
    as_json: bool,
) -> None:
    """Break COUNT random lines of libs and services, one at a time, and run the tests that each can make fail.

    A trial in the file of results is not repeated. In that file, set a verdict for each survivor: `equivalent`
    if the break changes no behaviour, `hole` if a test is missing. The exit code is 0 when all others were caught.
    """
    tree = read_tree(Path())
    sources = product_sources(tree)
    drawn = list(islice(draw(sources, seed), count))
    if listed:
        for path, chosen in drawn:
            click.echo(_described(sources[path], path, chosen))
        return
    file = results or Path("var") / f"mutation-sample-{seed}.json"
    known = load(file, seed, sources)
    file.parent.mkdir(parents=True, exist_ok=True)
    coverage = CoverageMap(map_file, digest_of(sources)) if map_file else None
    session = _Session(tree, known, file, Limits(silent_s, limit_s), coverage)
    asyncio.run(session.play(drawn, sources, unselected=unselected))
    _report(known, as_json=as_json)
    raise SystemExit(0 if known.is_clean else 1)


class _Session:
    def __init__(
        self, tree: SourceTree, results: Results, file: Path, limits: Limits, coverage: CoverageMap | None
    ) -> None:
        self._tree = tree
        self._results = results
        self._file = file
        self._limits = limits
        self._coverage = coverage
        self._selection = Selection(tree)

    async def play(self, drawn: list[tuple[str, Break]], sources: dict[str, str], *, unselected: bool) -> None:
        """Try each break that has no result yet."""
        done = {trial.key: trial for trial in self._results.trials}
        with tempfile.TemporaryDirectory(prefix="mutation-sample-", ignore_cleanup_errors=True) as name:
            bench = Bench(Path(name), self._limits)
            await asyncio.to_thread(copy_product, self._tree, bench.folder)
            for path, chosen in drawn:
                trial = done.get((path, chosen.line))
                if trial is None:
                    trial = await self._try(bench, path, sources[path], chosen)
                    self._results.trials.append(trial)
                    self._results.save(self._file)
                    click.echo(_line(trial), err=True)
                if unselected and trial.missed is None:
                    text = broken(sources[path], chosen)
                    trial.missed = await bench.failing(path, text, self._not_selected(path, text))
                    self._results.save(self._file)

    async def _try(self, bench: Bench, path: str, text: str, chosen: Break) -> Trial:
        started, changed = time.monotonic(), broken(text, chosen)
        tests = self._selected(path, changed)
        order = self._order(Line(path, chosen.line, text, tests))
        verdict = await bench.try_break(path, changed, order.files, first=order.tests)
        return Trial(
            file=path,
            line=chosen.line,
            operator=chosen.operator,
            before=text.splitlines()[chosen.line - 1].strip(),
            after=changed.splitlines()[chosen.line - 1].strip(),
            outcome=verdict.outcome,
            test=verdict.test,
            test_files=len(tests),
            seconds=round(time.monotonic() - started, 1),
        )

    def _order(self, line: Line) -> Order:
        return order_of(line, self._coverage) if self._coverage else Order((), tuple(line.affected))

    def _selected(self, path: str, text: str) -> list[str]:
        found = [each.path for each in self._selection.affected_by_edit(path, text)]
        return [each for each in found if not each.startswith(_LEFT_OUT)]

    def _not_selected(self, path: str, text: str) -> list[str]:
        selected = {each.path for each in self._selection.affected_by_edit(path, text)}
        return [each for each in self._selection.test_files if each not in selected and not each.startswith(_LEFT_OUT)]


def _described(text: str, path: str, chosen: Break) -> str:
    after = broken(text, chosen).splitlines()[chosen.line - 1].strip()
    return f"{path}:{chosen.line}: {chosen.operator}: {text.splitlines()[chosen.line - 1].strip()}  =>  {after}"


def _line(trial: Trial) -> str:
    verdict = f" ({trial.verdict}: {trial.reason})" if trial.verdict else ""
    found = f"{trial.outcome}{verdict} {trial.test}".strip()
    return f"{trial.file}:{trial.line}: {trial.before}  =>  {trial.after}: {found}, {trial.seconds:.0f} s"


def _report(results: Results, *, as_json: bool) -> None:
    summary = results.summary()
    if as_json:
        click.echo(json.dumps({**summary, "results": [vars(trial) for trial in results.trials]}, indent=2))
        return
    for trial in results.trials:
        if trial.outcome != "caught" or trial.missed:
            click.echo(_line(trial))
    click.echo("\n".join(f"{name}: {value}" for name, value in summary.items()))


if __name__ == "__main__":
    main()
