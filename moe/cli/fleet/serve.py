"""`moe serve`: one service, as in a container."""

import click

from moe.cli.fleet.process import ProcessPlan, run_loop, running, until_over
from moe.cli.fleet.shutdown_signals import Interrupted, ShutdownSignals
from moe.registry import SERVICES


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
def serve(service: str) -> None:
    """Run one SERVICE in the foreground. Every address must be configured; topics must exist (`moe topics apply`).

    The first SIGINT or SIGTERM stops it in order within ten seconds, the second one at once.
    """
    try:
        run_loop(_serve(service))
    except Interrupted:
        click.echo("stopped", err=True)


async def _serve(service: str) -> None:
    stop = ShutdownSignals.on_signals()
    async with running(ProcessPlan((service,), {}), stop) as fleet:
        click.echo(f"{service} is ready on port {fleet.ports[0]}", err=True)
        await until_over(fleet, stop.requested)
        click.echo(f"{service} is stopping", err=True)
