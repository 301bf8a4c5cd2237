"""The declaration of a service: handlers, joins, tails, sinks, dependencies and resources."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import ASGIApp

from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.stage import StageDescribed
from libs.contracts.topics import Topic
from libs.ports.bus import Publisher
from libs.ports.reducer import Join
from libs.runtime.messaging.publisher import BusPublisher

Output = Message | Sequence[Message] | None
# A handler's annotations are its wiring: `async (event: QuestionAsked, deps: Deps) -> PlanDrafted | ...`.
# It returns its effects, or yields them one by one. Its parameters are contravariant, hence the open signature.
Handler = Callable[..., Awaitable[Output] | AsyncIterator[Message]]

# A background task of a service; it is cancelled at the stop, and its failure ends the process.
Worker = Callable[[Publisher], Coroutine[Any, Any, None]]


class Check(Protocol):
    """A readiness check of one dependency: None when healthy, else a code such as `not_connected`.

    Any other text is logged, and reported as `unavailable`: callers of `/ready` need no key.
    """

    @property
    def name(self) -> str: ...

    @property
    def required(self) -> bool: ...

    async def __call__(self) -> str | None: ...


@dataclass(frozen=True)
class Tail:
    """Reads a partition of a topic by assignment, from its end, without a group: replies and broadcasts.

    Tails of one partition share a reader, which dispatches each message to its handler, all in one order.
    """

    topic: Topic
    partition: int
    handler: Handler


@dataclass(frozen=True)
class Sink:
    """Receives raw records of every topic, malformed ones included. A record is stored when `store` returns."""

    store: Callable[[Record], Awaitable[None]]


async def no_drain() -> None:
    """The default `drain`: returns at once."""


async def no_preparation(_: BusPublisher) -> None:
    """The default `prepare`: publishes nothing."""


@dataclass(frozen=True)
class HttpServer:
    """An HTTP application; it is created when publishing is possible and stopped before everything else.

    `prepare` is awaited when the bus has started and before the port accepts. `drain` is awaited first at the stop: it
    rejects new work and returns when accepted work has ended, or after its own grace period. `about` is added to the
    response of `/health`.
    """

    app: Callable[[BusPublisher], ASGIApp]
    host: str
    port: int
    drain: Callable[[], Awaitable[None]] = no_drain
    prepare: Callable[[BusPublisher], Awaitable[None]] = no_preparation
    about: tuple[tuple[str, Sequence[str]], ...] = ()


@dataclass(frozen=True)
class Service:
    """One service. `deps` is passed to every handler; `resources` are entered in order and left in reverse.

    `relays` are the retry topics that it relays. `publishes` names the messages published outside handlers: from HTTP
    requests and joins. `described` is the description that shapes its messages; it is published at the start. `workers`
    run from when publishing is possible until the bus stops.
    """

    name: str
    deps: object = None
    handlers: tuple[Handler, ...] = ()
    joins: tuple[Join[Any], ...] = ()
    tails: tuple[Tail, ...] = ()
    relays: tuple[Topic, ...] = ()
    sinks: tuple[Sink, ...] = ()
    http: HttpServer | None = None
    publishes: tuple[type[Message], ...] = ()
    resources: tuple[AbstractAsyncContextManager[object], ...] = ()
    checks: tuple[Check, ...] = ()
    described: StageDescribed | None = None
    workers: tuple[Worker, ...] = ()
    concurrency: int = 64
