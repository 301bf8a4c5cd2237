"""A service as data: what it hears, what it needs, what it opens. The runner gives it life."""

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
# It returns its effects, or yields them as they come. Its parameters are contravariant, hence the open signature.
Handler = Callable[..., Awaitable[Output] | AsyncIterator[Message]]

# What a service does on its own account; it is cancelled at the end, and ends the process when it fails.
Worker = Callable[[Publisher], Coroutine[Any, Any, None]]


class Check(Protocol):
    """One dependency of a service, asked by `/ready`: None when well, else a code such as `not_connected`.

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

    Tails of one partition share a reader, which gives each handler its own messages, all in one order.
    """

    topic: Topic
    partition: int
    handler: Handler


@dataclass(frozen=True)
class Sink:
    """Takes raw records of every topic, malformed ones included. Returning means: stored."""

    store: Callable[[Record], Awaitable[None]]


async def no_drain() -> None:
    """Have nothing to wait for."""


async def no_preparation(_: BusPublisher) -> None:
    """Have nothing to say first."""


@dataclass(frozen=True)
class HttpServer:
    """An HTTP application; it is made when publishing is possible and stopped before anything else.

    `prepare` is awaited when the bus has started and before the port answers. `drain` is awaited first when it stops:
    it refuses new work and returns when what was accepted has ended, or after its own grace.
    `about` is told by `/health` besides the fact that the process is alive.
    """

    app: Callable[[BusPublisher], ASGIApp]
    host: str
    port: int
    drain: Callable[[], Awaitable[None]] = no_drain
    prepare: Callable[[BusPublisher], Awaitable[None]] = no_preparation
    about: tuple[tuple[str, Sequence[str]], ...] = ()


@dataclass(frozen=True)
class Service:
    """One service. `deps` is handed to every handler; `resources` are entered in order and left in reverse.

    `relays` are the retry topics that it keeps. `says` names what it publishes outside handlers: from HTTP requests and
    joins. `described` is what shapes all that it says; it is published at the start. `workers` run beside the rest,
    from when publishing is possible until the bus stops.
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
