"""The declaration of a service: data at import. It opens, reads and loads nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.stage import StageDescribed
from libs.contracts.topics import Topic
from libs.core.clock import Clock, RecordedClock, SystemClock
from libs.core.nonces import new_nonce
from libs.ports.deltas import DeltaWriter, NoDeltas
from libs.ports.llm import LLM
from libs.ports.reducer import Join
from libs.runtime.process.description import describe
from libs.runtime.service import Handler
from libs.runtime.settings import ModelSettings, Settings

S = TypeVar("S", bound=Settings)
P = TypeVar("P")  # what the service's app opens
D = TypeVar("D")
Prompts = Mapping[str, str]
DEFAULT_CONCURRENCY = 64


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Systems that a stage reads or writes besides its messages.

    Reads are recorded, so that a replay can return them.
    """

    llm: LLM
    deltas: DeltaWriter = field(default_factory=NoDeltas)
    clock: Clock = field(default_factory=lambda: RecordedClock(SystemClock()))
    nonce: Callable[[], str] = new_nonce


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Systems without which the service cannot work; `moe up` embeds those whose address is not configured."""

    llm: bool = False
    valkey: bool = False
    postgres: bool = False


@dataclass(frozen=True)
class JoinSpec(Generic[S, P]):
    """A join over one topic; `build` makes its reducer from settings that shape the service's messages. Pure."""

    topic: Topic
    build: Callable[[S, P], Join[Any]]


def first_partition(_: object) -> int:
    """The partition of a topic that has only one."""
    return 0


@dataclass(frozen=True)
class TailSpec(Generic[P]):
    """A handler that reads one partition without a group; `partition` is known once ports are open."""

    topic: Topic
    handler: Handler
    partition: Callable[[P], int] = first_partition


def default_concurrency(_: Settings) -> int:
    return DEFAULT_CONCURRENCY


def model_concurrency(settings: ModelSettings) -> int:
    """As many commands as the model servers may be called for at once."""
    return settings.max_concurrent_commands


@dataclass(frozen=True, kw_only=True)
class ServiceSpec(Generic[S, P, D]):
    """One service.

    `deps` is pure and reads only settings that shape messages: a run, a replay and tests call the same one. `publishes`
    names the messages published outside handlers. `replayed`: the service publishes its description at the start, and
    a replay runs its handlers and joins.
    """

    name: str
    settings: type[S]
    deps: Callable[[S, Prompts, P], D]
    handlers: tuple[Handler, ...] = ()
    joins: tuple[JoinSpec[S, P], ...] = ()
    tails: tuple[TailSpec[P], ...] = ()
    relays: tuple[Topic, ...] = ()
    sinks: tuple[Callable[[Record, D], Awaitable[None]], ...] = ()
    publishes: tuple[type[Message], ...] = ()
    needs: Needs = field(default_factory=Needs)
    replayed: bool = True
    concurrency: Callable[[S], int] = default_concurrency

    def describe(self, settings: S, prompts: Prompts) -> StageDescribed:
        """Hashes that identify the code, settings and prompts of this service."""
        return describe(self.name, settings, prompts)


def ports_as_deps(_settings: Settings, _prompts: Prompts, ports: P) -> P:
    """`deps` of a service whose handlers need its ports alone."""
    return ports
