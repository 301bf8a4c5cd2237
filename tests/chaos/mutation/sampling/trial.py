"""Plays one break: the affected tests run in a copy of the product, nearest first, up to the first failure."""

import asyncio
import itertools
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.affected.source_tree import SourceTree
from tests.chaos.mutation.sampling import chosen_tests

Outcome = Literal["caught", "survived", "hang", "unfinished", "unreliable"]

SELECTED = ("-p", "no:cacheprovider", "-m", "not kafka and not slow")  # the same tests as `make test`
# One process, for an order and a verdict that do not depend on the number of cores.
_PYTEST = ("-m", "pytest", "-v", *SELECTED, "--tb=no", "-rfE")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (?P<test>.+?)(?: - .*)?$", re.MULTILINE)
_OF_PYTEST_TIMEOUT = re.compile(r"^\++ Timeout \++$", re.MULTILINE)
_NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Limits:
    """Seconds: `silent_s` without a finished test is a hang; `total_s` ends a trial that has met no failure."""

    silent_s: float = 200.0
    total_s: float = 900.0


@dataclass(frozen=True)
class Verdict:
    """`test`: the one that failed or hung."""

    outcome: Outcome
    test: str = ""


@dataclass(frozen=True)
class Run:
    """Output of pytest; `ended`: it ended by itself, `silent`: it printed nothing for too long."""

    output: str
    code: int
    ended: bool = True
    silent: bool = False

    @property
    def failed(self) -> list[str]:
        """The tests that failed, and the files that could not be collected."""
        return _FAILED.findall(self.output)

    @property
    def is_hang(self) -> bool:
        return self.silent or _OF_PYTEST_TIMEOUT.search(self.output) is not None

    @property
    def last_test(self) -> str:
        """The test that was running when the output ended."""
        started = [line.split(" ")[0] for line in self.output.splitlines() if "::" in line]
        return started[-1] if started else ""


@dataclass
class Bench:
    """A copy of the product in which one file at a time is broken."""

    folder: Path
    limits: Limits = field(default_factory=Limits)
    _passing: dict[str, bool] = field(default_factory=dict)
    # Whole seconds, each used once: Python takes a compiled file for current if its size and second are the same.
    _seconds: "itertools.count[int]" = field(default_factory=lambda: itertools.count(int(time.time()) + 1))

    async def try_break(self, path: str, text: str, files: Sequence[str], first: Sequence[str] = ()) -> Verdict:
        """Run the tests of the files with `text` in the file, the tests `first` before all others.

        A failure counts if the test passes on the whole product.
        """
        runs = [(self._chosen(first), first)] if first else []
        runs += [(tuple(files), files)] if files else []
        for arguments, tests in runs:
            verdict = await self._try(path, text, arguments, tests[0])
            if verdict.outcome != "survived":
                return verdict
        return Verdict("survived")

    def _chosen(self, tests: Sequence[str]) -> tuple[str, ...]:
        """Arguments that run some tests in their order."""
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        return (f"--chosen={self._listed('chosen', tests)}", *files)

    def _listed(self, name: str, tests: Iterable[str]) -> Path:
        """Write a file of tests for the plugin."""
        file = self.folder / f"{name}-tests.txt"
        file.write_text("".join(f"{test}\n" for test in tests))
        return file

    async def _try(self, path: str, text: str, arguments: Sequence[str], nearest: str) -> Verdict:
        """Run tests up to the first that notices the break; one that fails anyway is left out from then on."""
        unreliable = None
        while True:
            red = self._listed("red", [test for test, passes in self._passing.items() if not passes])
            plugin = ("-x", "-p", chosen_tests.__name__, f"--left-out={red}")
            verdict = await self._judge(await self._run_broken(path, text, (*plugin, *arguments)), nearest)
            if verdict.outcome != "unreliable":
                return unreliable or verdict if verdict.outcome == "survived" else verdict
            if "::" not in verdict.test or verdict == unreliable:
                return verdict
            unreliable = verdict

    async def _judge(self, run: Run, nearest: str) -> Verdict:
        if run.is_hang:
            return Verdict("hang", run.last_test)
        if run.failed:
            passes = await self.passes(run.failed[0])
            return Verdict("caught" if passes else "unreliable", run.failed[0])
        if not run.ended:
            return Verdict("unfinished", run.last_test)
        if run.code in (0, _NOTHING_COLLECTED):
            return Verdict("survived")
        return Verdict("caught" if await self.passes(nearest) else "unreliable", nearest)  # pytest itself failed

    async def failing(self, path: str, text: str, tests: Sequence[str]) -> list[str]:
        """Tests that fail with `text` in the file and pass on the whole product."""
        run = await self._run_broken(path, text, tests)
        return [test for test in run.failed if await self.passes(test)]

    async def passes(self, test: str) -> bool:
        """Whether a test passes on the whole product. Run once for each."""
        if test not in self._passing:
            run = await self._run((test,))
            self._passing[test] = run.ended and run.code == 0
        return self._passing[test]

    async def _run_broken(self, path: str, text: str, arguments: Sequence[str]) -> Run:
        whole = await asyncio.to_thread((self.folder / path).read_text)
        try:
            await asyncio.to_thread(self._write, path, text)
            return await self._run(arguments)
        finally:
            await asyncio.to_thread(self._write, path, whole)

    def _write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text)
        second = next(self._seconds)
        os.utime(self.folder / path, (second, second))

    async def _run(self, arguments: Sequence[str]) -> Run:
        variables = ("env", f"PYTHONPATH={self.folder}", "PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=")
        process = await asyncio.create_subprocess_exec(
            *(*variables, sys.executable, *_PYTEST, *arguments),
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        chunks: list[bytes] = []
        try:
            silent = await _read(process.stdout, chunks, self.limits)
        finally:
            if process.stdout is None or not process.stdout.at_eof():
                os.killpg(process.pid, signal.SIGKILL)  # with the processes that its tests have started
            code = await process.wait()
        ended = silent is None
        return Run(b"".join(chunks).decode(errors="replace"), code, ended=ended, silent=bool(silent))


def copy_product(tree: SourceTree, folder: Path) -> None:
    """Copy every file that git knows."""
    for path in tree.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree.root / path, folder / path)


async def _read(stream: asyncio.StreamReader | None, chunks: list[bytes], limits: Limits) -> bool | None:
    """Collect the output. Returns None at its end, True after too long a silence, False after too long a run."""
    assert stream is not None
    try:
        async with asyncio.timeout(limits.total_s) as total:
            while not stream.at_eof():
                async with asyncio.timeout(limits.silent_s):
                    chunks.append(await stream.read(1 << 16))
    except TimeoutError:
        return not total.expired()
    return None
