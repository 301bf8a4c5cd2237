"""`moe up`: everything in one process, with embedded stores for whatever is not configured."""

import asyncio
import sys
from contextlib import suppress
from typing import NamedTuple

import click
from libs.adapters.kafka_topics import ensure_topics

from libs.embedded.choice import EmbeddedStores
from libs.embedded.store import StoreName
from libs.embedded.supervisor import Supervisor
from libs.runtime.settings import BusSettings
from services.cli.embedding import (
    ENDPOINTS_FILE,
    EmbeddedSettings,
    choice_for,
    made_keys,
    variables_of,
    write_endpoints,
)
from services.cli.process import ProcessPlan, run_loop, running, stop_on_signals, until_over
from services.cli.registry import SERVICES, package_of


@click.command()
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
def up(services: tuple[str, ...]) -> None:
    """Start the fleet (or the named services) in the foreground.

    Stores whose address is configured are used; the others are started from wheels and stopped again.
    """
    chosen = services or SERVICES
    for name in chosen:
        package_of(name)
    run_loop(_up(chosen, EmbeddedSettings.read()))


class Ends(NamedTuple):
    """What ends a round of the fleet."""

    stop: asyncio.Event
    broker_lost: asyncio.Event


async def _up(services: tuple[str, ...], settings: EmbeddedSettings) -> None:
    stop, broker_lost = stop_on_signals(), asyncio.Event()

    def restarted(name: StoreName, stores: EmbeddedStores) -> None:
        if name == "kafka" and not stores.kafka_durable:
            broker_lost.set()

    supervisor = Supervisor(choice_for(settings, services), on_event=_say, on_restart=restarted)
    try:
        async with supervisor:
            while not stop.is_set():
                broker_lost.clear()
                await _round(services, settings, supervisor.stores, Ends(stop, broker_lost))
            _say("stopping the stores")
    finally:
        with suppress(FileNotFoundError):
            (settings.data_dir / ENDPOINTS_FILE).unlink()
    _say("stopped")


async def _round(services: tuple[str, ...], settings: EmbeddedSettings, stores: EmbeddedStores, ends: Ends) -> None:
    """Run the fleet until a signal comes, or until the memory broker has lost its log: then the services start over."""
    given = {**variables_of(stores), **made_keys(settings)}
    await ensure_topics(BusSettings.read(given))
    async with running(ProcessPlan(services, given)) as fleet:
        gateway_port = fleet.ports[services.index("gateway")] if "gateway" in services else None
        write_endpoints(settings.data_dir, given, gateway_port)
        _banner(settings, given, gateway_port)
        stopped = await until_over(fleet, *ends) is ends.stop
        _say(
            "stopping; what was accepted is finished first" if stopped else "the broker came back empty: starting over"
        )


def _banner(settings: EmbeddedSettings, given: dict[str, str], gateway_port: int | None) -> None:
    if gateway_port is None:
        _say("ready")
        return
    if "INFERENCE_SERVERS" in given:
        _say(
            "model: embedded and small: plans by rule, answers plainly; INFERENCE_SERVERS and JUDGE_MODEL name a real one"
        )
    _say(f"API key: {given.get('MOE_BOOTSTRAP_API_KEY') or 'as set in MOE_BOOTSTRAP_API_KEY'}")
    _say(f"ready at http://{settings.host}:{gateway_port}/v1")


def _say(line: str) -> None:
    click.echo(line, file=sys.stderr)
