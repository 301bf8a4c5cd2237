"""The open aggregate of each response of a join, and the tenant that owns each response."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from libs.contracts.message import Message
from libs.core.clock import Clock
from libs.core.reads import Read, ReadLog
from libs.runtime.delivery.outcomes import RESTORED, TICK, Stage
from libs.runtime.delivery.output_metadata import OutputMetadata, waited_ms
from libs.runtime.delivery.running_calls import RequestKey
from libs.runtime.messaging.bus import Delivery
from libs.runtime.watchdog.work import watchdog_paused

S = TypeVar("S")


@dataclass
class Aggregate(Generic[S]):
    """An open response. `held` are its records, `latest` the last message, `unpublished` its pending outputs.

    `read_log` holds the clock readings: the only input from outside the log. `ahead_s` is Unix time minus monotonic
    time at creation: a later step of the machine's clock moves none of its deadlines.
    """

    partition: int
    latest: Message
    ahead_s: float = 0.0
    state: S | None = None
    read_log: ReadLog = field(default_factory=ReadLog)
    waited_ms: int = 0
    held: list[Delivery] = field(default_factory=list)
    unpublished: list[Message] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def output_metadata(self) -> OutputMetadata:
        """The metadata of every message published now."""
        return OutputMetadata(self.read_log, self.waited_ms)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Hold the aggregate's lock. Waiting for it pauses the watchdog, which watches the lock's holder instead."""
        with watchdog_paused():
            await self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def hold(self, delivery: Delivery, message: Message, now: float) -> None:
        """Hold a record; it is done when the aggregate closes."""
        self.held.append(delivery)
        self.latest = message
        self.waited_ms = max(self.waited_ms, waited_ms(delivery.record, message.envelope, now))

    def monotonic(self, at: float | None) -> float | None:
        """Convert Unix time to monotonic time; None stays None."""
        return None if at is None else at - self.ahead_s

    def record_tick(self, now: float) -> None:
        """Record that the clock read `now` after the records held so far."""
        self.read_log.reads.append(Read(TICK, {"now": now, "after": self.held[-1].record.offset}))


def new_aggregate(
    delivery: Delivery, message: Message, stage: Stage, restored_until: int | None, clock: Clock
) -> Aggregate[S]:
    """Create the aggregate of a response's first record. `restored_until`: the offset to rebuild up to, else None."""
    reads = [*stage.reads]
    if restored_until is not None:
        reads.append(Read(RESTORED, {"until": restored_until}))
    ahead_s = clock.now() - clock.monotonic()
    return Aggregate(delivery.record.partition, message, ahead_s, read_log=ReadLog([*reads]))


class TenantOwnership:
    """The owner of each response: the tenant of the first opening on the log. Remembers the last `size` responses.

    Until a response is opened, the messages of each tenant form an aggregate of their own.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._observed: dict[str, set[str]] = {}

    def observe(self, request: RequestKey, *, opens: bool) -> tuple[RequestKey, ...]:
        """Record a message of a tenant. Returns the requests under the same id that it proves to be foreign."""
        tenant, response_id = request
        if response_id in self._owners:
            return ()
        if not opens:
            self._observed.setdefault(response_id, set()).add(tenant)
            return ()
        self._owners[response_id] = tenant
        if len(self._owners) > self._size:
            self._owners.popitem(last=False)
        return tuple((other, response_id) for other in self._observed.pop(response_id, set()) - {tenant})

    def is_foreign(self, request: RequestKey) -> bool:
        """True if another tenant is known to own the response."""
        tenant, response_id = request
        return self._owners.get(response_id, tenant) != tenant

    def forget(self, request: RequestKey) -> None:
        """Drop a request that was never opened; the owner of an opened one is kept."""
        tenant, response_id = request
        tenants = self._observed.get(response_id, set())
        tenants.discard(tenant)
        if not tenants:
            self._observed.pop(response_id, None)
