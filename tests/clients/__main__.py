"""`python -m tests.clients`: drive the clients of our users against a fleet; the exit code is 1 when one failed."""

import asyncio
import sys
import tempfile
from itertools import chain
from pathlib import Path

import click

from tests.clients import conformance
from tests.clients.fleet import open_fleet
from tests.clients.report import Outcome, table
from tests.clients.running import CLIENTS, Visit, drive

AT_ONCE = 3


@click.command()
@click.option("--record", is_flag=True, help="Write the table of docs/api.md anew.")
@click.argument("names", nargs=-1, type=click.Choice(tuple(CLIENTS)))
def main(names: tuple[str, ...], *, record: bool) -> None:
    """Drive the clients NAMES, or all of them, a few at a time against one gateway."""
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        outcomes = asyncio.run(_visit(names or tuple(CLIENTS), Path(folder)))
        outcomes += _conformance(Path(folder), record=record)
    click.echo(f"\n{table(outcomes)}\n")
    faults = [outcome for outcome in outcomes if outcome.fault]
    for outcome in faults:
        click.echo(f"{outcome.client}: {outcome.scenario}: {outcome.fault.splitlines()[0][:400]}")
    click.echo(f"{len(outcomes) - len(faults)} of {len(outcomes)} scenarios went well")
    sys.exit(bool(faults))


def _conformance(folder: Path, *, record: bool) -> list[Outcome]:
    """Compare the validated rows with the table of docs/api.md, if both SDKs took part."""
    seen = conformance.read_rows(folder)
    if len(seen) < len(conformance.CLIENTS):
        return []
    table = conformance.table_of(seen)
    if record:
        conformance.record(table)
    return [Outcome("docs/api.md", "names what was validated", conformance.difference(table))]


async def _visit(names: tuple[str, ...], folder: Path) -> list[Outcome]:
    async with open_fleet(folder) as (fleet, process):
        visit = Visit(fleet.write(folder / "house.json"), folder)
        at_once = asyncio.Semaphore(AT_ONCE)
        driven = await asyncio.gather(*(_driven(name, visit, at_once) for name in names))
        return [*chain.from_iterable(driven), Outcome("fleet", "logs no error", "\n".join(process.complaints()))]


async def _driven(name: str, visit: Visit, at_once: asyncio.Semaphore) -> list[Outcome]:
    async with at_once:
        return await drive(name, visit)


if __name__ == "__main__":
    main()
