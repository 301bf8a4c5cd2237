"""`moe up`: everything in one process, with embedded stores for whatever is not configured."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import NamedTuple

import click

from libs.adapters.kafka.topics import BrokerUnavailable, ensure_topics
from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.embedded.store import StoreName
from libs.embedded.supervisor import Supervisor
from libs.runtime.settings import BusSettings
from libs.runtime.telemetry import configure_logging
from moe.cli.context.embedded_stores import (
    ENDPOINTS_FILE,
    EmbeddedSettings,
    choice_for,
    embedder_for,
    made_keys,
    variables_before_start,
    variables_of,
    write_endpoints,
)
from moe.cli.fleet.banner import banner, gateway_url
from moe.cli.fleet.preflight import check_services
from moe.cli.fleet.process import ProcessPlan, run_loop, running, until_over
from moe.cli.fleet.shutdown_signals import Interrupted, ShutdownSignals
from moe.registry import SERVICES, package_of


@click.command()
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
def up(services: tuple[str, ...]) -> None:
    """Start the fleet (or the named services) in the foreground.

    Stores whose address is configured are used; the others are started from wheels and stopped again. The URL and the
    API key go to standard output, everything else to standard error. The first Ctrl-C stops all of it in order within
    ten seconds, the second one at once.
    """
    for name in services:
        package_of(name)
    chosen = tuple(name for name in SERVICES if name in services or not services)
    settings = EmbeddedSettings.read()
    configure_logging(settings.log_level)
    choice = choice_for(settings, chosen)
    keys = made_keys(settings)
    check_services(chosen, {**variables_before_start(choice), **keys})
    try:
        run_loop(_Up(chosen, settings, keys).run(choice))
    except Interrupted:
        _print_line("stopped")


class _Ends(NamedTuple):
    """Events that end a run of the fleet."""

    stop: ShutdownSignals
    broker_lost: asyncio.Event


class _Up(NamedTuple):
    services: tuple[str, ...]
    settings: EmbeddedSettings
    keys: dict[str, str]

    async def run(self, choice: EmbeddedChoice) -> None:
        """Run the stores and the fleet until a signal arrives."""
        ends = _Ends(ShutdownSignals.on_signals(), asyncio.Event())

        def restarted(name: StoreName, stores: EmbeddedStores) -> None:
            if name == "kafka" and not stores.kafka_durable:
                ends.broker_lost.set()

        supervisor = Supervisor(choice, on_event=_print_line, on_restart=restarted)
        async with AsyncExitStack() as stack:
            with ends.stop.starting():
                await stack.enter_async_context(supervisor)
            stack.callback(self._forget_endpoints)
            while not ends.stop.requested.is_set():
                ends.broker_lost.clear()
                await self._round(supervisor.stores, ends)
            _print_line("stopping the stores")
        _print_line("stopped")

    async def _round(self, stores: EmbeddedStores, ends: _Ends) -> None:
        """Run the fleet until a signal arrives or the memory broker loses its log; then the fleet restarts."""
        given = {**variables_of(stores), **embedder_for(self.settings), **self.keys}
        with ends.stop.starting():
            await _topics_made(BusSettings.read(given))
        async with running(ProcessPlan(self.services, given), ends.stop) as fleet:
            gateway = gateway_url(self.settings.host, fleet.ports[0]) if "gateway" in self.services else None
            write_endpoints(self.settings.data_dir, given, gateway)
            for line in banner(gateway, given):
                click.echo(line)
            if await until_over(fleet, ends.stop.requested, ends.broker_lost) is ends.stop.requested:
                _print_line("stopping: open requests have 3 s to finish")
            else:
                _print_line("the broker came back empty: starting over")
                await fleet.abandon()

    def _forget_endpoints(self) -> None:
        with suppress(FileNotFoundError):
            (self.settings.data_dir / ENDPOINTS_FILE).unlink()


async def _topics_made(bus: BusSettings) -> None:
    try:
        await ensure_topics(bus)
    except BrokerUnavailable as error:
        raise BrokerUnavailable(f"KAFKA_URL: no use of the broker at {bus.bootstrap}: {error}") from error


def _print_line(line: str) -> None:
    click.echo(line, err=True)
