"""Takes one guard line out of a copy of the product and plays the scene that must miss it."""

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import libs
from tests.chaos.mutation.mutations import Mutation
from tests.chaos.mutation.scene import RED

ROOT = Path(libs.__file__).parent.parent
FOLDERS = ("libs", "services", "tests")
WITHIN_S = 300.0

Outcome = Literal["caught", "survived", "broken", "stale"]


class Stale(Exception):
    """A guard line is not where the list says: the product has changed, so the list must follow."""


@dataclass(frozen=True, slots=True)
class Proof:
    """caught: the checker went red · survived: it did not · broken: the scene could not be played · stale: the guard
    line is not where the list says. `told` says more."""

    outcome: Outcome
    told: str


def copy_of_the_product(target: Path) -> None:
    """Copy everything that a scene needs."""
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)


def mutated(text: str, mutation: Mutation) -> str:
    """Return the text of a file without its guard. Raises Stale unless the line stands there exactly once."""
    lines = text.splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if line.strip() == mutation.line]
    if len(found) != 1:
        raise Stale(f"{mutation.file}: {len(found)} times {mutation.line!r} ({mutation.promise})")
    old = lines[found[0]]
    lines[found[0]] = old.replace(mutation.line, mutation.becomes)
    return "".join(lines)


async def proof_of(mutation: Mutation, tree: Path) -> Proof:
    """Play the scene of a mutation in the copy `tree`, which is whole again afterwards."""
    path = tree / mutation.file
    whole = await asyncio.to_thread(path.read_text)
    try:
        await asyncio.to_thread(path.write_text, mutated(whole, mutation))
        return await played(mutation.scene, tree)
    except Stale as stale:
        return Proof("stale", str(stale))
    finally:
        await asyncio.to_thread(path.write_text, whole)


async def played(scene: str, tree: Path) -> Proof:
    """Play a scene of the product in `tree`."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-B", "-m", "tests.chaos.mutation.scene", scene)
    process = await asyncio.create_subprocess_exec(*command, cwd=tree, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    try:
        async with asyncio.timeout(WITHIN_S):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
        return Proof("broken", f"took longer than {WITHIN_S:.0f} s")
    told = output.decode(errors="replace")
    outcomes: dict[int | None, Outcome] = {0: "survived", RED: "caught"}
    return Proof(outcomes.get(process.returncode, "broken"), told)
