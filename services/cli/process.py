"""One process from start to stop: build the services, run them, end on a signal or on a failure."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop

from libs.core.errors import ConfigurationError, FleetError
from libs.runtime.fleet import Fleet, ProcessOptions
from libs.runtime.kafka import KafkaBus
from libs.runtime.settings import BusSettings, ProcessSettings
from libs.runtime.signing import Signer
from libs.runtime.telemetry import configure_logging
from services.cli.registry import build_service, probe_port

T = TypeVar("T")
MIN_SIGNING_KEY_BYTES = 16


class ProcessFailed(FleetError):
    """A part of the process failed in a way that it cannot go on; the log says which."""

    code = "process_failed"


@dataclass(frozen=True)
class ProcessPlan:
    """Which services to run, and the variables that the environment does not have (embedded stores, made keys)."""

    services: tuple[str, ...]
    given: Mapping[str, str]


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run the process's main coroutine on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def running(plan: ProcessPlan) -> AsyncIterator[Fleet]:
    """Run the services of a plan for as long as the block. Raises ConfigurationError before anything is opened."""
    process, bus = ProcessSettings.read(plan.given), BusSettings.read(plan.given)
    configure_logging(process.log_level)
    options = ProcessOptions(
        signer=_signer(bus), host=process.host, probe_port=process.metrics_port or probe_port(plan.services)
    )
    services = [build_service(name, plan.given) for name in plan.services]
    async with Fleet(services, KafkaBus(bus), options) as fleet:
        yield fleet


async def until_over(fleet: Fleet, *ends: asyncio.Event) -> asyncio.Event:
    """Wait for one of `ends` and return it. Raises ProcessFailed when the fleet can no longer be trusted."""
    if (ended := await first_of(fleet.failed, *ends)) is fleet.failed:
        raise ProcessFailed("a part of the process failed, so all of it stops; see the log above")
    return ended


async def first_of(*events: asyncio.Event) -> asyncio.Event:
    """Wait until one of the events is set and return it."""
    async with asyncio.TaskGroup() as group:
        waits = {group.create_task(event.wait()): event for event in events}
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
    return waits[done.pop()]


def _signer(bus: BusSettings) -> Signer:
    key = bus.signing_key.get_secret_value().encode()
    if len(key) < MIN_SIGNING_KEY_BYTES:
        raise ConfigurationError(f"MOE_SIGNING_KEY: set it to at least {MIN_SIGNING_KEY_BYTES} bytes, alike everywhere")
    return Signer(key)
