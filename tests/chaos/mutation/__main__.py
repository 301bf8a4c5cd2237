"""`python -m tests.chaos.mutation`: the checker must go red for every guard line that is taken out."""

import asyncio
import tempfile
from pathlib import Path

import click

from tests.chaos.mutation.mutations import MUTATIONS
from tests.chaos.mutation.proof import Proof, copy_of_the_product, played, proof_of

_TOLD = 400


@click.command()
@click.option("--only", default="", help="Only promises that contain this text.")
def main(only: str) -> None:
    """Play every scene as it is, then once for each guard line that protects it."""
    raise SystemExit(asyncio.run(_prove(only)))


async def _prove(only: str) -> int:
    chosen = [mutation for mutation in MUTATIONS if only in mutation.promise]
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="chaos-mutants-") as name:
        tree = Path(name)
        copy_of_the_product(tree)
        for scene in sorted({mutation.scene for mutation in chosen}):
            proof = await played(scene, tree)
            wrong += _tell(f"scene {scene}", proof, passes=proof.outcome == "survived")
        for mutation in chosen:
            proof = await proof_of(mutation, tree)
            wrong += _tell(f"{mutation.promise} ({mutation.scene})", proof, passes=proof.outcome == "caught")
    return 1 if wrong else 0


def _tell(what: str, proof: Proof, *, passes: bool) -> int:
    rules = sorted({line.split()[1].rstrip(":") for line in proof.told.splitlines() if line.startswith("BROKEN ")})
    click.echo(f"{'ok  ' if passes else 'FAIL'} {what}: {proof.outcome} {' '.join(rules)}")
    if not passes:
        click.echo(proof.told[-_TOLD:])
    return 0 if passes else 1


if __name__ == "__main__":
    main()
