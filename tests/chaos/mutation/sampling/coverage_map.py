"""A file that knows which lines of the product each test executes, and how long each test takes."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

_SCHEMA = """
create table if not exists sources (digest text);
create table if not exists file (path text primary key, starts_processes integer);
create table if not exists test (id integer primary key, name text unique, seconds real);
create table if not exists executed (path text, test integer references test, lines blob);
create index if not exists executed_path on executed (path);
"""
_INSERT_LINES = "insert into executed select ?, id, ? from test where name = ?"
_TESTS_OF_PATH = "select name, seconds, lines from executed join test on id = executed.test where path = ?"
OUTSIDE_TESTS = ""  # the name of what runs while modules are imported, or between tests


@dataclass(frozen=True)
class TracedTest:
    """One test and the seconds that it took while it was traced."""

    name: str
    seconds: float

    @property
    def file(self) -> str:
        return self.name.partition("::")[0]


class CoverageMap:
    """Belongs to one state of the sources: lines have other numbers in another."""

    def __init__(self, path: Path, digest: str) -> None:
        """Open the file, or begin a new one. Raises ClickException if it is of other sources."""
        self._path = path
        with self._connected() as database:
            database.executescript(_SCHEMA)
            known = database.execute("select digest from sources").fetchone()
            if known is None:
                database.execute("insert into sources values (?)", (digest,))
        if known not in (None, (digest,)):
            raise click.ClickException(f"{path} is of other sources; delete it, and trace the tests again")

    def add(
        self,
        seconds: Mapping[str, float],
        lines: Iterable[tuple[str, str, bytes]],
        files: Mapping[str, bool],
    ) -> None:
        """Record tests with their seconds, (path, test, lines) in coverage.py's bit sets, and which files of tests
        start processes."""
        with self._connected() as database:
            times = {OUTSIDE_TESTS: 0.0, **seconds}
            database.executemany("insert or ignore into test (name, seconds) values (?, ?)", times.items())
            database.executemany(_INSERT_LINES, ((path, bits, test) for path, test, bits in lines))
            database.executemany("insert or replace into file values (?, ?)", files.items())

    def files(self) -> dict[str, bool]:
        """Files of tests that were traced, and whether each starts processes."""
        with self._connected() as database:
            return {path: bool(starts) for path, starts in database.execute("select * from file")}

    def tests_executing(self, path: str, line: int) -> list[TracedTest]:
        """Tests that execute a line, the shortest first; OUTSIDE_TESTS is one of them."""
        with self._connected() as database:
            rows = database.execute(_TESTS_OF_PATH, (path,)).fetchall()
        found = {TracedTest(name, seconds) for name, seconds, bits in rows if _has(bits, line)}
        return sorted(found, key=lambda each: (each.seconds, each.name))

    def tests_entering(self, path: str) -> list[TracedTest]:
        """Tests that execute any line of a file, the shortest first."""
        with self._connected() as database:
            found = {TracedTest(name, seconds) for name, seconds, _ in database.execute(_TESTS_OF_PATH, (path,))}
        return sorted(found, key=lambda each: (each.seconds, each.name))

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            yield database


def _has(bits: bytes, line: int) -> bool:
    """Whether a bit set of coverage.py has the number of a line."""
    byte, bit = divmod(line, 8)
    return byte < len(bits) and bool(bits[byte] >> bit & 1)
