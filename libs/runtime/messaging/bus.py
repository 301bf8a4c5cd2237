"""The bus: two transports (Kafka, memory) behind one small protocol, so that one policy serves both."""

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
    """A record in somebody's hands. `done()` lets its offset be committed; it may be called later, and twice."""

    record: Record
    done: Callable[[], None]


RecordHandler = Callable[[Delivery], Awaitable[None]]


class RebalanceListener(Protocol):
    """Told which partitions a feed holds."""

    def assigned(self, ends: Mapping[int, int]) -> None:
        """Take partitions; the value is the offset one past the last record that was there at that moment."""
        ...

    def lost(self, partitions: Iterable[int]) -> None:
        """Give partitions up: whatever is known about them is another member's business now."""
        ...


@dataclass(frozen=True)
class Subscription:
    """A subscription in a consumer group, from the earliest record that is not committed.

    `ordered`: records of one key are processed one after the other. `concurrency` bounds what runs at once.
    `urgent`: somebody waits for the answer, so the fetch wait is short. `service` is for stopping in order.
    """

    service: str
    topic: str
    handle: RecordHandler
    ordered: bool = False
    concurrency: int = 64
    low_latency: bool = True
    listener: RebalanceListener | None = None

    @property
    def group(self) -> str:
        return f"{self.service}.{self.topic}"


@dataclass(frozen=True)
class TailSubscription:
    """One partition read by assignment, without a group and without commits.

    From its end; with `since_ms` (Unix milliseconds) from the first record that is not older.
    """

    topic: str
    partition: int
    handle: RecordHandler
    since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Where a tail begins, and one past the last record that was there at that moment."""

    start: int
    end: int


class Bus(Protocol):
    """A transport. Register feeds before `start`.

    `failed` is set when consuming can no longer be trusted: end the process then. What was not done comes again.
    `watchdog` knows every record of a feed or tail that somebody works on.
    """

    @property
    def watchdog(self) -> Watchdog: ...

    @property
    def failed(self) -> asyncio.Event: ...

    def add(self, feed: Subscription | TailSubscription) -> None: ...

    async def start(self) -> None:
        """Connect and consume. Returns when every tail is in position, so that no later record can be missed.

        Raises Retryable or ConfigurationError; nothing is left open then.
        """
        ...

    def listen(self, feed: TailSubscription) -> AbstractAsyncContextManager[OffsetRange]:
        """Read one more partition while the block runs; for use after `start`.

        Entered when the tail is in position, so that no later record can be missed. Raises Retryable when the broker
        does not answer. What `process` raises ends this tail alone, and is logged.
        """
        ...

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has. Raises Retryable or ConfigurationError."""
        ...

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return when the broker has acknowledged all. Raises Retryable if it has not, Rejected if one is too big."""
        ...

    async def stop_subscriptions(self, services: frozenset[str], grace_s: float) -> None:
        """Take no more records for these services, wait up to `grace_s` for what runs, commit what is done."""
        ...

    async def caught_up(self, service: str, timeout_s: float) -> bool:
        """Wait until a service has done every record there is; return whether that happened in time."""
        ...

    async def stop(self) -> None: ...

    async def check(self) -> str | None:
        """Return None when the broker answers, else one line that says what is wrong."""
        ...
