"""The bus protocol: two transports (Kafka, memory) behind one interface, so that one policy serves both."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from libs.contracts.record import Record
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.watchdog.work import Watchdog


@dataclass(frozen=True, slots=True)
class Delivery:
    """A consumed record. `done()` marks its offset as committable; it may be called later, and twice."""

    record: Record
    done: Callable[[], None]


RecordHandler = Callable[[Delivery], Awaitable[None]]


class RebalanceListener(Protocol):
    """Receives the partitions that a subscription gains and loses."""

    def assigned(self, ends: Mapping[int, int]) -> None:
        """Add partitions; each value is one past the last record at the time of assignment."""
        ...

    def lost(self, partitions: Iterable[int]) -> None:
        """Drop all state of these partitions: another member owns them now."""
        ...


@dataclass(frozen=True)
class Subscription:
    """A subscription in a consumer group, from the earliest uncommitted record.

    `ordered`: records of one key are handled one after the other. `concurrency` bounds the records in work.
    `low_latency`: a client waits for the result, so the fetch wait is short. `service` selects the subscriptions that
    stop together.
    """

    service: str
    topic: str
    handle: RecordHandler
    ordered: bool = False
    concurrency: int = 64
    low_latency: bool = True
    listener: RebalanceListener | None = None

    @property
    def name(self) -> str:
        return f"{self.service}.{self.topic}"


@dataclass(frozen=True)
class TailSubscription:
    """One partition read by assignment, without a group and without commits.

    It starts at the end; with `since_ms` (Unix milliseconds) at the first record that is not older.
    """

    topic: str
    partition: int
    handle: RecordHandler
    since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """The first offset of a tail, and one past the last record when the tail was positioned."""

    start: int
    end: int


class Bus(Protocol):
    """A transport. Add subscriptions before `start`.

    `failed` is set when consuming is no longer safe: end the process then. Unfinished records are redelivered.
    `watchdog` tracks every record of a subscription or tail that is in work.
    """

    @property
    def watchdog(self) -> Watchdog: ...

    @property
    def failed(self) -> asyncio.Event: ...

    def add(self, feed: Subscription | TailSubscription) -> None: ...

    async def start(self) -> None:
        """Connect and consume. Returns when every tail is positioned, so that no later record is missed.

        Raises Retryable or ConfigurationError; all resources are closed then.
        """
        ...

    def listen(self, feed: TailSubscription) -> AbstractAsyncContextManager[OffsetRange]:
        """Read one more partition while the block runs; call it after `start`.

        The block is entered when the tail is positioned, so that no later record is missed. Raises Retryable when the
        broker does not answer. An exception of `handle` ends this tail alone, and is logged.
        """
        ...

    async def partitions(self, topic: str) -> int:
        """Raises Retryable or ConfigurationError."""
        ...

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Wait until the broker has acknowledged all records.

        Raises Retryable if it has not, Rejected if a record is too large.
        """
        ...

    async def stop_subscriptions(self, services: frozenset[str], grace_s: float) -> None:
        """Stop consuming for these services, wait up to `grace_s` for running work, commit finished records."""
        ...

    async def caught_up(self, service: str, timeout_s: float) -> bool:
        """Wait until a service has finished every record on its topics; return False after `timeout_s`."""
        ...

    async def stop(self) -> None: ...

    async def check(self) -> str | None:
        """None when the broker answers, else one line with the reason."""
        ...
