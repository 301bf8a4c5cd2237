"""Takes one guard line out of a copy of the product, and plays the scene or runs the tests that must miss it."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

import libs
from tests.chaos.mutation.mutation import Mutation
from tests.chaos.mutation.scene import RED

ROOT = Path(libs.__file__).parent.parent
FOLDERS = ("libs", "services", "moe", "tests", "tools", "schemas")
SCENE_LIMIT_S = 300.0
TESTS_LIMIT_S = 120.0  # below the limit of a single test; the slowest takes 10 s, and 50 s on a busy machine
PYTEST = ("-m", "pytest", "-q", "--no-header", "--tb=line", "-rfE", "-p", "no:cacheprovider")
ALL_PASSED, SOME_FAILED = 0, 1
_SUMMARY = "short test summary info"

Outcome = Literal["caught", "survived", "hung", "broken", "stale"]
_stamps = count(1_000_000_000)  # compiled files differ by whole seconds


class Stale(Exception):
    """A guard line is not at its listed place: the product has changed, so the list must follow."""


@dataclass(frozen=True, slots=True)
class Proof:
    """caught: the checker, or each test, failed · survived: it did not · hung: no verdict within the limit ·

    broken: the scene or the tests could not be run · stale: the guard line is not at its listed place. `told` has
    details.
    """

    outcome: Outcome
    told: str


def copy_of_the_product(target: Path) -> None:
    """Copy everything that scenes and tests need."""
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "node_modules")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", target)


def mutated(text: str, mutation: Mutation) -> str:
    """Text of a file without its guard. Raises Stale unless the line occurs exactly once."""
    lines = text.splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if line.strip() == mutation.line]
    if len(found) != 1:
        raise Stale(f"{mutation.file}: {len(found)} times {mutation.line!r} ({mutation.promise})")
    old = lines[found[0]]
    lines[found[0]] = old.replace(mutation.line, mutation.becomes)
    return "".join(lines)


async def proof_of(mutation: Mutation, tree: Path) -> Proof:
    """Play the scene of a mutation, or run its tests, in the copy `tree`, which is whole again afterwards."""
    path = tree / mutation.file
    whole = await asyncio.to_thread(path.read_text)
    try:
        await asyncio.to_thread(_write, path, mutated(whole, mutation))
        if mutation.scene:
            return await played(mutation.scene, tree)
        return await run_tests(mutation.tests, tree)
    except Stale as stale:
        return Proof("stale", str(stale))
    finally:
        await asyncio.to_thread(_write, path, whole)


async def played(scene: str, tree: Path) -> Proof:
    """Play a scene of the product in `tree`."""
    code, told = await _run(("-B", "-m", "tests.chaos.mutation.scene", scene), tree, SCENE_LIMIT_S)
    if code is None:
        return Proof("hung", f"took longer than {SCENE_LIMIT_S:.0f} s")
    outcomes: dict[int, Outcome] = {0: "survived", RED: "caught"}
    return Proof(outcomes.get(code, "broken"), told)


async def run_tests(tests: Sequence[str], tree: Path, limit_s: float = TESTS_LIMIT_S) -> Proof:
    """Run tests of the product in `tree`: caught when each of them fails."""
    code, told = await _run((*PYTEST, *tests), tree, limit_s)
    if code is None:
        return Proof("hung", f"took longer than {limit_s:.0f} s\n{told}")
    return Proof(verdict(code, told, tests), told)


def verdict(code: int, told: str, tests: Sequence[str]) -> Outcome:
    if code == ALL_PASSED:
        return "survived"
    if code != SOME_FAILED or _SUMMARY not in told or _errors(told):
        return "broken"
    return "survived" if passed_of(tests, told) else "caught"


def passed_of(tests: Sequence[str], told: str) -> list[str]:
    """Tests of which the report of pytest names no failed case."""
    failed = {line.split()[1].partition("[")[0] for line in _summary(told) if line.startswith("FAILED ")}
    return [test for test in tests if test not in failed]


def _errors(told: str) -> list[str]:
    """Errors that are no verdict: a test did not reach its first line, or its teardown failed."""
    return [line for line in _summary(told) if line.startswith("ERROR ")]


def _summary(told: str) -> list[str]:
    """Final output of pytest; log lines of processes precede it."""
    return told.rpartition(_SUMMARY)[2].splitlines()


async def _run(arguments: Sequence[str], tree: Path, limit_s: float) -> tuple[int | None, str]:
    """Run Python in `tree`; return its exit code and output. Without a code it was killed, with all that it started."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=tree, stdout=pipe, stderr=asyncio.subprocess.STDOUT, start_new_session=True
    )
    try:
        async with asyncio.timeout(limit_s):
            output, _ = await process.communicate()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = await process.communicate()
        return None, output.decode(errors="replace")
    return process.returncode, output.decode(errors="replace")


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    stamp = next(_stamps)
    os.utime(path, (stamp, stamp))
