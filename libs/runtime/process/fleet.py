"""The fleet of a process: services on one bus, started and stopped in order."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self

from libs.contracts.progress import RequestCancelled
from libs.contracts.topics import REQUEST_CANCELLED
from libs.core.clock import Clock, SystemClock
from libs.core.tasks import TaskSet
from libs.ports.reducer import Join
from libs.runtime.delivery.backoff import Backoff
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.join.runner import JoinRunner
from libs.runtime.messaging.bus import Bus, Delivery, TailSubscription
from libs.runtime.messaging.codec import read
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.http.connections import ConnectionBounds
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.process.probes import Readiness, with_metrics, with_probes
from libs.runtime.process.subscriptions import (
    handler_subscription,
    join_subscription,
    policy_of,
    relay_subscriptions,
    sink_subscriptions,
    stage_of,
)
from libs.runtime.process.tails import tail_subscriptions
from libs.runtime.service import Service
from libs.runtime.watchdog.work import Watchdog

log = logging.getLogger(__name__)
CANCELS_REMEMBERED_S = 3600.0  # after a crash commands are redelivered, also those of requests cancelled meanwhile


@dataclass(frozen=True)
class ShutdownTimeouts:
    """Time limit of each step of a stop, in seconds; together below the promised ten."""

    stages: float = 2.0
    sinks: float = 1.5


@dataclass(frozen=True)
class BusCheck:
    """The `/ready` check of the broker."""

    bus: Bus
    name: str = "broker"
    required: bool = True

    async def __call__(self) -> str | None:
        return await self.bus.check()


@dataclass(frozen=True)
class ProcessOptions:
    """Options of a process besides its services. `/metrics` and the probes have a port of their own.

    `log_id` identifies the broker's log where offsets restart with the broker; empty for a durable one.
    """

    signer: Signer
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    clock: Clock = field(default_factory=SystemClock)
    backoff: Backoff = field(default_factory=Backoff)
    shutdown_timeouts: ShutdownTimeouts = field(default_factory=ShutdownTimeouts)
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: CircuitBreakerLimits = field(default_factory=CircuitBreakerLimits)
    log_id: str = ""

    def runtime_context(self, publisher: BusPublisher, watchdog: Watchdog) -> RuntimeContext:
        return RuntimeContext(
            self.signer,
            publisher,
            self.clock,
            backoff=self.backoff,
            retries=self.retries,
            breaker=self.breaker,
            log_id=self.log_id,
            watchdog=watchdog,
        )


class Fleet:
    """Async context manager: entered when every service is ready, left when everything is stopped.

    Stop order: HTTP rejects and drains, stages drain, sinks store the final records, then the bus stops, then resources
    close.
    """

    def __init__(self, services: Sequence[Service], bus: Bus, options: ProcessOptions) -> None:
        self._services = services
        self._bus = bus
        self._options = options
        self._publisher = BusPublisher(bus, options.signer)
        self._place = options.runtime_context(self._publisher, bus.watchdog)
        self._stack = AsyncExitStack()
        self._tasks = TaskSet(self._fail)
        self._listeners: list[HttpListener] = []
        self.readiness = Readiness([BusCheck(bus), *(check for service in services for check in service.checks)])
        self.failed = bus.failed

    @property
    def ports(self) -> tuple[int, ...]:
        """The HTTP ports in the order of the services, then that of `/metrics`."""
        return tuple(listener.port for listener in self._listeners)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            for service in self._services:
                for resource in service.resources:
                    await opening.enter_async_context(resource)
                await self._wire(service, opening)
            since_ms = int((self._options.clock.now() - CANCELS_REMEMBERED_S) * 1000)
            self._bus.add(TailSubscription(REQUEST_CANCELLED.name, 0, self._on_cancelled, since_ms))
            opening.push_async_callback(self._close_ports)
            self._bind()  # a taken port stops the start before anything is consumed
            await self._bus.start()
            opening.push_async_callback(self._bus.stop)
            for service in self._services:
                if service.http is not None:
                    await service.http.prepare(self._publisher)
            for listener in self._listeners:
                listener.start()
            working = TaskSet(self._fail)
            opening.push_async_callback(working.cancel)
            working.start(self._publish_descriptions(), name="introduce the stages")
            for service in self._services:
                for worker in service.workers:
                    working.start(worker(self._publisher), name=f"a worker of {service.name}")
            self._stack = opening.pop_all()
        self.readiness.open()
        return self

    async def _publish_descriptions(self) -> None:
        """Publish the descriptions of the stages: their messages reference them by hash only."""
        described = [service.described.introduced() for service in self._services if service.described is not None]
        await self._place.publish(*described)

    async def abandon(self) -> None:
        """Stop all work at once, before the fleet is left: its log is gone."""
        self.readiness.close()
        await self._bus.stop_subscriptions(frozenset(service.name for service in self._services), grace_s=0)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.readiness.close()
        try:
            await self._stop_in_order()
        finally:  # also after a cancellation: nothing may listen or consume any longer
            await self._close_ports()
            await self._stack.aclose()

    async def _stop_in_order(self) -> None:
        await asyncio.gather(*(service.http.drain() for service in self._services if service.http is not None))
        await self._close_ports()
        sinks = frozenset(service.name for service in self._services if service.sinks)
        stages = frozenset(service.name for service in self._services) - sinks
        await self._bus.stop_subscriptions(stages, self._options.shutdown_timeouts.stages)
        for name in sinks:
            await self._bus.caught_up(name, self._options.shutdown_timeouts.sinks)
        await self._bus.stop_subscriptions(sinks, self._options.shutdown_timeouts.sinks)

    async def _close_ports(self) -> None:
        await asyncio.gather(*(listener.stop() for listener in self._listeners))

    async def _wire(self, service: Service, opening: AsyncExitStack) -> None:
        for handler in service.handlers:
            self._bus.add(handler_subscription(service, handler, self._place))
        for join in service.joins:
            await self._add_join(service, join, opening)
        for tail in tail_subscriptions(service.tails, partial(policy_of, service, place=self._place, tail=True)):
            self._bus.add(tail)
        for relay in relay_subscriptions(service, self._place):
            self._bus.add(relay)
        for sunk in (feed for sink in service.sinks for feed in sink_subscriptions(service, sink, self._place)):
            self._bus.add(sunk)

    async def _add_join(self, service: Service, join: Join[Any], opening: AsyncExitStack) -> None:
        runner = JoinRunner(join, self._place, self._fail, stage_of(service))
        self._bus.add(join_subscription(service, join, await opening.enter_async_context(runner)))

    async def _on_cancelled(self, delivery: Delivery) -> None:
        message = read(delivery.record, self._options.signer)
        if isinstance(message, RequestCancelled):
            self._place.calls.cancel(message.envelope.request)

    def _bind(self) -> None:
        served = [service.http for service in self._services if service.http is not None]
        bounds = ConnectionBounds.of_process(len(served))
        for http in served:
            app = with_probes(http.app(self._publisher), self.readiness, http.about)
            self._listeners.append(HttpListener(app, http.host, http.port, self._tasks, bounds=bounds))
        host, port, metrics = self._options.metrics_host, self._options.metrics_port, with_metrics(self.readiness)
        bounds = ConnectionBounds.of_metrics()
        self._listeners.append(HttpListener(metrics, host, port, self._tasks, bounds=bounds))

    def _fail(self, error: BaseException) -> None:
        log.critical("a background task failed; stopping the process", exc_info=error)
        self.failed.set()
