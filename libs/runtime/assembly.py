"""Assembles a service from its declaration and from what its `app` opens."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from libs.contracts.record import Record
from libs.runtime.service import Check, HttpServer, Service, Sink, Tail, Worker
from libs.runtime.spec import D, P, Prompts, S, ServiceSpec

R = TypeVar("R", bound=AbstractAsyncContextManager[Any])


class Assembly:
    """Collects the lives of a service's parts: resources are entered in the order in which they were added."""

    def __init__(self) -> None:
        self._resources: list[AbstractAsyncContextManager[object]] = []
        self._checks: list[Check] = []
        self._workers: list[Worker] = []
        self._http: HttpServer | None = None

    def open(self, resource: R) -> R:
        """Enter `resource` when the service starts. Opens nothing by itself."""
        self._resources.append(resource)
        return resource

    def add(
        self,
        resources: Iterable[AbstractAsyncContextManager[object]] = (),
        checks: Iterable[Check] = (),
        workers: Iterable[Worker] = (),
    ) -> None:
        self._resources += resources
        self._checks += checks
        self._workers += workers

    def serve(self, http: HttpServer) -> None:
        """Serve HTTP; the last call applies."""
        self._http = http

    def service(self, spec: ServiceSpec[S, P, D], settings: S, prompts: Prompts, ports: P) -> Service:
        """Raises ConfigurationError."""
        deps = spec.deps(settings, prompts, ports)
        return Service(
            spec.name,
            deps=deps,
            handlers=spec.handlers,
            joins=tuple(join.build(settings, ports) for join in spec.joins),
            tails=tuple(Tail(tail.topic, tail.partition(ports), tail.handler) for tail in spec.tails),
            relays=spec.relays,
            sinks=tuple(_sink(store, deps) for store in spec.sinks),
            http=self._http,
            publishes=spec.publishes,
            resources=tuple(self._resources),
            checks=tuple(self._checks),
            described=spec.describe(settings, prompts) if spec.replayed else None,
            workers=tuple(self._workers),
            concurrency=spec.concurrency(settings),
        )


def _sink(store: Callable[[Record, D], Awaitable[None]], deps: D) -> Sink:
    async def stored(record: Record) -> None:
        await store(record, deps)

    return Sink(stored)
