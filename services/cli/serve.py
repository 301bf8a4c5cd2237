"""`moe serve`: one service, as in a container."""

import sys

import click

from services.cli.process import ProcessPlan, run_loop, running, stop_on_signals, until_over
from services.cli.registry import SERVICES


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
def serve(service: str) -> None:
    """Run one SERVICE in the foreground. Every address must be configured; topics must exist (`moe topics apply`)."""
    run_loop(_serve(service))


async def _serve(service: str) -> None:
    stop = stop_on_signals()
    async with running(ProcessPlan((service,), {})) as fleet:
        click.echo(f"{service} is ready on port {fleet.ports[0]}", file=sys.stderr)
        await until_over(fleet, stop)
