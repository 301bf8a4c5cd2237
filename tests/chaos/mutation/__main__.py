"""`python -m tests.chaos.mutation`: the checker, or named tests, must go red for every guard line that is taken out."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from tests.chaos.mutation.mutation import Mutation
from tests.chaos.mutation.mutations import MUTATIONS
from tests.chaos.mutation.proof import Proof, copy_of_the_product, passed_of, played, proof_of, run_tests

_TOLD = 400
_BASELINE_LIMIT_S = 900.0


@click.command()
@click.option("--only", default="", help="Only promises that contain this text.")
def main(only: str) -> None:
    """Play every scene and run every test as the product is, then once for each guard line that it protects."""
    raise SystemExit(asyncio.run(_prove(only)))


async def _prove(only: str) -> int:
    chosen = [mutation for mutation in MUTATIONS if only in mutation.promise]
    wrong, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-mutants-") as name:
        tree = Path(name)
        copy_of_the_product(tree)
        wrong += await _prove_baseline(chosen, tree)
        for mutation in chosen:
            wrong += await _prove_guard(mutation, tree)
    click.echo(f"{len(chosen)} guards, {wrong} wrong, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


async def _prove_baseline(chosen: Sequence[Mutation], tree: Path) -> int:
    wrong = 0
    for scene in sorted({mutation.scene for mutation in chosen if mutation.scene}):
        proof = await played(scene, tree)
        wrong += _tell(f"scene {scene}", proof, passes=proof.outcome == "survived")
    if tests := sorted({test for mutation in chosen for test in mutation.tests}):
        proof = await run_tests(tests, tree, _BASELINE_LIMIT_S)
        wrong += _tell(f"{len(tests)} tests", proof, passes=proof.outcome == "survived" and not _failed(proof.told))
    return wrong


async def _prove_guard(mutation: Mutation, tree: Path) -> int:
    began = time.monotonic()
    proof = await proof_of(mutation, tree)
    what = f"{mutation.promise} ({mutation.scene or mutation.file}), {time.monotonic() - began:.1f} s"
    passed = " ".join(passed_of(mutation.tests, proof.told)) if proof.outcome == "survived" else ""
    return _tell(f"{what} {passed}".rstrip(), proof, passes=proof.outcome == "caught")


def _failed(told: str) -> bool:
    return any(line.startswith("FAILED ") for line in told.splitlines())


def _tell(what: str, proof: Proof, *, passes: bool) -> int:
    rules = sorted({line.split()[1].rstrip(":") for line in proof.told.splitlines() if line.startswith("BROKEN ")})
    outcome = proof.outcome.upper() if proof.outcome == "hung" else proof.outcome
    click.echo(f"{'ok  ' if passes else 'FAIL'} {what}: {outcome} {' '.join(rules)}".rstrip())
    if not passes:
        click.echo(proof.told[-_TOLD:])
    return 0 if passes else 1


if __name__ == "__main__":
    main()
