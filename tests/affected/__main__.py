"""`python -m tests.affected`: run the tests that a change can make fail, nearest first, up to the first failure."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tests.affected.selection import Selected, Selection
from tests.affected.source_tree import changed_files, is_revision, read_tree

# The same tests as `make test`.
_PYTEST = (
    "-q",
    "-x",
    "-n",
    "auto",
    "--dist",
    "loadfile",
    "-m",
    "not kafka and not slow",
    "-p",
    "tests.affected.time_limit",
)
_NOT_RUN = ("tests/bench/", "tests/peers/", "tests/contract/")  # by targets of their own: bench, bench-peers, check
_NOTHING_COLLECTED = 5  # of pytest: the files have only slow tests, or such that need Kafka


@click.command()
@click.option("--base", default="", help="Commit or branch to compare with. Without it, every file counts as changed.")
@click.option("--list", "listed", is_flag=True, help="Print the test files, and run none.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the test files with their distances as JSON, and run none."
)
@click.option("--within", type=click.FloatRange(min=0), default=0, help="Start no further test after so many seconds.")
@click.option(
    "--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The checkout."
)
def main(base: str, root: Path, *, listed: bool, as_json: bool, within: float) -> None:
    """Run the test files that depend on changes since BASE, uncommitted ones included.

    The nearest run first; the first failure ends the run. Tests that are slow or need Kafka, benches and contract
    tests are listed but not run.
    """
    found, changed, total = _select(root, base)
    if as_json:
        click.echo(json.dumps(_report(base, found, changed, total), indent=2))
    elif listed:
        click.echo("\n".join(each.path for each in found), nl=bool(found))
    else:
        raise SystemExit(_run(root, found, total, within))


def _select(root: Path, base: str) -> tuple[list[Selected], list[str] | None, int]:
    """Affected test files, the changed files if they are known, and the number of all test files."""
    selection = Selection(read_tree(root))
    if not base:
        return selection.everything(), None, len(selection.test_files)
    if not is_revision(root, base):
        click.echo(f"unknown base {base!r}: every file counts as changed", err=True)
        return selection.everything(), None, len(selection.test_files)
    changed = changed_files(root, base)
    return selection.affected_by(changed), list(changed), len(selection.test_files)


def _report(base: str, found: Sequence[Selected], changed: list[str] | None, total: int) -> dict[str, object]:
    files = [{"path": each.path, "distance": each.distance} for each in found]
    return {"base": base or None, "changed": changed, "test_files": total, "affected": files}


def _run(root: Path, found: Sequence[Selected], total: int, within: float) -> int:
    paths = [each.path for each in found if not each.path.startswith(_NOT_RUN)]
    click.echo(f"{len(found)} of {total} test files are affected; {len(paths)} of them run here", err=True)
    if not paths:
        return 0
    command = (sys.executable, "-m", "pytest", *_PYTEST, *((f"--stop-after={within:g}",) if within else ()), *paths)
    code = subprocess.run(command, cwd=root, check=False).returncode
    return 0 if code == _NOTHING_COLLECTED else code


if __name__ == "__main__":
    main()
