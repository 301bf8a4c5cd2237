"""One process from start to stop: build the services, run them, stop on a signal or a failure."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop

from libs.core.errors import FleetError
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.settings import BusSettings, PolicySettings, ProcessSettings
from libs.runtime.telemetry import configure_logging
from libs.runtime.watchdog.event_loop import watched_loop
from moe.cli.fleet.instances import claimed
from moe.cli.fleet.preflight import built, check_ports, require_all_keys, signer_of
from moe.cli.fleet.shutdown_signals import ShutdownSignals
from moe.registry import metrics_port

T = TypeVar("T")
FLEET_STOPS_WITHIN_S = 6.5  # of the ten seconds that a whole stop may take; the rest is for the embedded stores

log = logging.getLogger(__name__)


class ProcessFailed(FleetError):
    """A part of the process failed beyond recovery; the log names it."""

    code = "process_failed"


@dataclass(frozen=True)
class ProcessPlan:
    """Services to run, and the variables that the environment lacks (embedded stores, created keys)."""

    services: tuple[str, ...]
    given: Mapping[str, str]


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run the main coroutine of the process on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def options_of(plan: ProcessPlan) -> ProcessOptions:
    """Raises ConfigurationError."""
    process = ProcessSettings.read(plan.given)
    bus = BusSettings.read(plan.given)
    return ProcessOptions(
        signer=signer_of(bus),
        metrics_host=process.metrics_host,
        metrics_port=process.metrics_port or metrics_port(plan.services),
        retries=RetryPolicy(max_elapsed_s=process.retry_max_elapsed_s),
        breaker=_breaker_limits(process),
        log_id=bus.log_incarnation,
    )


def _breaker_limits(settings: PolicySettings) -> CircuitBreakerLimits:
    return CircuitBreakerLimits(
        ratio=settings.dead_letter_ratio,
        in_a_row=settings.max_consecutive_dead_letters,
        unsigned=settings.max_consecutive_unsigned,
    )


@asynccontextmanager
async def running(plan: ProcessPlan, stop: ShutdownSignals) -> AsyncIterator[Fleet]:
    """Run the services of a plan while the block runs.

    Raises ConfigurationError before it opens anything, and Interrupted on a signal before the fleet is ready.
    """
    process = ProcessSettings.read(plan.given)
    configure_logging(process.log_level)
    options = options_of(plan)
    require_all_keys(plan.services, plan.given)
    services = built(plan.services, plan.given)
    check_ports(services, process)
    bus = BusSettings.read(plan.given)
    with claimed(plan.services, process, bus) as instances, watched_loop():
        fleet = Fleet(services, KafkaBus(bus, instances), options)
        with stop.starting():
            await fleet.__aenter__()
        _collect_less()
        try:
            yield fleet
        finally:
            await _stopped(fleet)


def _collect_less() -> None:
    """Exempt all loaded and built objects from garbage collection."""
    gc.collect()
    gc.freeze()


async def _stopped(fleet: Fleet) -> None:
    """Stop in order while time remains. A durable broker redelivers unfinished work later."""
    try:
        async with asyncio.timeout(FLEET_STOPS_WITHIN_S):
            await fleet.__aexit__(None, None, None)
    except TimeoutError:
        log.warning("the services did not stop within %g s; aborting their remaining work", FLEET_STOPS_WITHIN_S)


async def until_over(fleet: Fleet, *ends: asyncio.Event) -> asyncio.Event:
    """Wait for one of `ends` and returns it. Raises ProcessFailed after a fatal failure of the fleet."""
    if (ended := await first_of(fleet.failed, *ends)) is fleet.failed:
        raise ProcessFailed("a part of the process failed, so all of it stops; see the log above")
    return ended


async def first_of(*events: asyncio.Event) -> asyncio.Event:
    async with asyncio.TaskGroup() as group:
        waits = {group.create_task(event.wait()): event for event in events}
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
    return waits[done.pop()]
