"""`python -m tests.chaos.mutation.scene NAME`: play one scene; the exit code is 3 when the checker is not content."""

import asyncio
import tempfile
from pathlib import Path

import click

from tests.chaos.mutation.scenes import SCENES, judged

RED = 3


@click.command()
@click.argument("name", type=click.Choice(sorted(SCENES)))
def main(name: str) -> None:
    """Play the scene NAME and print every broken promise."""
    with tempfile.TemporaryDirectory(prefix="chaos-scene-", ignore_cleanup_errors=True) as folder:
        violations = asyncio.run(judged(name, Path(folder)))
    for violation in violations:
        click.echo(f"BROKEN {violation}")
    raise SystemExit(RED if violations else 0)


if __name__ == "__main__":
    main()
