"""`python -m tests.chaos.mutation.sampling.measure`: run the tests once, and record which lines each executes."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import click

from tests.affected.selection import ALWAYS
from tests.affected.source_tree import is_test_file, read_tree
from tests.chaos.mutation.sampling import tracer
from tests.chaos.mutation.sampling.coverage_map import CoverageMap
from tests.chaos.mutation.sampling.results import digest_of
from tests.chaos.mutation.sampling.sample import product_sources
from tests.chaos.mutation.sampling.tracer import TABLES, TIMES
from tests.chaos.mutation.sampling.trial import SELECTED, copy_product

ROOT = Path(__file__).parents[4]
COVERAGE = ROOT / ".venv-coverage"  # where `make mutate-map` installs coverage.py
DEFAULT_MAP = Path("var/coverage-map.sqlite")
_PYTEST = ("-m", "pytest", "-q", *SELECTED, "--dist", "loadfile", "--tb=no", "-p", tracer.__name__)
_LEFT_OUT = (ALWAYS, "tests/bench/", "tests/peers/")
_FILES_AT_ONCE = 40  # results are stored after each run of so many files
_LINES = """
select path, context, numbits from line_bits
join file on file.id = file_id join context on context.id = context_id
"""


@click.command()
@click.option("--map", "map_file", default=DEFAULT_MAP, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--processes", default=2, type=click.IntRange(min=1), help="How many run tests.")
@click.argument("tests", nargs=-1)
def main(map_file: Path, processes: int, tests: Sequence[str]) -> None:
    """Run the test files (or those below the folders) TESTS, all fast ones by default, that are not in the map yet.

    A test that fails is in the map as well: it has executed its lines.
    """
    tree = read_tree(Path())
    map_file.parent.mkdir(parents=True, exist_ok=True)
    known = CoverageMap(map_file, digest_of(product_sources(tree)))
    below = tuple(tests) or ("tests/unit/", "tests/")
    wanted = [path for path in tree.files if is_test_file(path) and not path.startswith(_LEFT_OUT)]
    ordered = dict.fromkeys(path for start in below for path in wanted if path.startswith(start))
    open_files = iter([path for path in ordered if path not in known.files()])
    with tempfile.TemporaryDirectory(prefix="coverage-map-", ignore_cleanup_errors=True) as name:
        copy_product(tree, Path(name))
        while chunk := list(islice(open_files, _FILES_AT_ONCE)):
            click.echo(f"{chunk[0]} and {len(chunk) - 1} more", err=True)
            _trace(Path(name), chunk, processes, known)


def _trace(copy: Path, files: Sequence[str], processes: int, into: CoverageMap) -> None:
    with tempfile.TemporaryDirectory(prefix="traced-") as name:
        folder = Path(name)
        environment = ("env", "PYTHONDONTWRITEBYTECODE=", f"PYTHONPATH={copy}:{COVERAGE}")
        command = (sys.executable, *_PYTEST, "-n", str(processes), f"--trace-into={folder}", *files)
        subprocess.run([*environment, *command], cwd=copy, check=False)
        times = [json.loads(path.read_text()) for path in folder.glob(f"{TIMES}*")]
        seconds = {test: taken for each in times for test, taken in each["seconds"].items()}
        starters = {path for each in times for path in each["starters"]}
        traced = {test.partition("::")[0] for test in seconds}
        into.add(seconds, _lines(folder, copy), {path: path in starters for path in files if path in traced})


def _lines(folder: Path, root: Path) -> Iterator[tuple[str, str, bytes]]:
    for path in folder.glob(f"{TABLES}*"):
        with closing(sqlite3.connect(path)) as database:
            for file, test, bits in database.execute(_LINES):
                yield str(Path(file).relative_to(root)), test, bits


if __name__ == "__main__":
    main()
