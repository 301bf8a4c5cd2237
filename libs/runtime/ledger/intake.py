"""The intake between a consumer and its handler: bounded concurrency, order per key, one ledger per partition."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from libs.contracts.record import Record
from libs.core.tasks import TaskSet
from libs.runtime.ledger.change_signal import ChangeSignal
from libs.runtime.ledger.ledgers import Ledgers
from libs.runtime.ledger.partition import PartitionLedger, Progress
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.runtime.watchdog.work import Watchdog

LaneKey = tuple[int, bytes | int]  # partition and key if the subscription is ordered, else partition and offset
Lane = deque[Delivery]
OnError = Callable[[BaseException], None]
WAITING_BYTES = 8 << 20  # of records that wait for a slot, with `_RECORD_BYTES` for each
_RECORD_BYTES = 1024


@dataclass(slots=True, eq=False)
class _Arrival:
    """A delivered record without a slot. `admitted` is None for one that `accept_next` has accepted."""

    record: Record
    ledger: PartitionLedger
    admitted: asyncio.Future[None] | None = None

    @property
    def size(self) -> int:
        return len(self.record.value) + _RECORD_BYTES


class Intake:
    """Accepts raw records of one subscription. No buffer is unbounded: `accept` waits for a slot, `accept_next`
    refuses a record when too many wait for one. Slots are granted in the order of arrival."""

    def __init__(
        self,
        feed: Subscription,
        on_error: OnError,
        watchdog: Watchdog | None = None,
        changed: ChangeSignal | None = None,
    ) -> None:
        """`changed` is notified whenever a record is done or a partition is lost; intakes may share it."""
        self._feed = feed
        self._watchdog = watchdog or Watchdog(on_error)
        self._free = feed.concurrency
        self._arrivals: deque[_Arrival] = deque()
        self._waiting_bytes = 0
        self.ledgers = Ledgers()
        self._lanes: dict[LaneKey, Lane] = {}
        self._tasks: dict[int, TaskSet] = {}
        self._on_error = on_error
        self._closing = False
        self._changed = changed or ChangeSignal()

    def merge(self, committed: Mapping[int, Progress]) -> None:
        """Merge the committed progress of kept partitions: another member may have advanced meanwhile."""
        self.ledgers.merge(committed)
        self._changed.notify()

    @property
    def has_slot(self) -> bool:
        """True if `accept` would not wait."""
        return self._free > 0 and not self._arrivals

    async def accept(self, record: Record) -> None:
        """Start work on a record, or queue it behind its key.

        Ignores a record that is already in work or finished, or of a partition that is not assigned.
        """
        ledger = self.ledgers.of(record.partition)
        if self._closing or ledger is None or not ledger.deliver(record.offset):
            return
        if self.has_slot:
            self._admit(record, ledger)
            return
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        arrival = _Arrival(record, ledger, admitted)
        self._add(arrival)
        try:
            await admitted
        except asyncio.CancelledError:
            self._withdraw(arrival)
            raise

    def accept_next(self, record: Record) -> bool:
        """Accept a record that was not fetched, without waiting; False if it must be fetched.

        Accepts only the record at the next offset of an assigned partition, while few records wait for a slot.
        """
        ledger = self.ledgers.of(record.partition)
        if self._closing or ledger is None or self._waiting_bytes >= WAITING_BYTES:
            return False
        if not ledger.deliver_next(record.offset):
            return False
        if self.has_slot:
            self._admit(record, ledger)
        else:
            self._add(_Arrival(record, ledger))
        return True

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until `met` holds; it is checked whenever a record is done or a partition is lost."""
        await self._changed.until(met)

    async def forget(self, partitions: Iterable[int]) -> None:
        """Cancel the work of lost partitions and drop their state."""
        revoked = list(partitions)
        self.ledgers.forget(revoked)
        for partition in revoked:
            if (tasks := self._tasks.pop(partition, None)) is not None:
                await tasks.cancel()
        self._changed.notify()

    async def drain(self, grace_s: float) -> None:
        """Stop accepting; wait at most `grace_s` seconds in all for running work, then cancel the rest."""
        self._closing = True
        self._grant()  # drops what waits for a slot
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_s
        for tasks in list(self._tasks.values()):
            if not await tasks.drain(max(0.0, until - loop.time())):
                await tasks.cancel()

    def _add(self, arrival: _Arrival) -> None:
        self._arrivals.append(arrival)
        self._waiting_bytes += arrival.size

    def _withdraw(self, arrival: _Arrival) -> None:
        if arrival in self._arrivals:
            self._arrivals.remove(arrival)
            self._waiting_bytes -= arrival.size

    def _grant(self) -> None:
        """Admit arrivals while slots are free, and drop those that are no longer ours to work on."""
        while self._arrivals and (self._free or self._closing):
            arrival = self._arrivals.popleft()
            self._waiting_bytes -= arrival.size
            if arrival.admitted is not None and not arrival.admitted.done():
                arrival.admitted.set_result(None)
            # The new owner of a partition that was lost during the wait gets the record again.
            if not self._closing and self.ledgers.of(arrival.record.partition) is arrival.ledger:
                self._admit(arrival.record, arrival.ledger)

    def _admit(self, record: Record, ledger: PartitionLedger) -> None:
        self._free -= 1
        self._enter_lane(self._delivery(record, ledger))

    def _enter_lane(self, delivery: Delivery) -> None:
        record = delivery.record
        key: LaneKey = (record.partition, (record.key or b"") if self._feed.ordered else record.offset)
        if key in self._lanes:
            self._lanes[key].append(delivery)
            return
        lane = self._lanes[key] = deque([delivery])
        if record.partition not in self._tasks:
            self._tasks[record.partition] = TaskSet(self._on_error)
        name = f"{self._feed.name}/{record.partition}"
        task = self._tasks[record.partition].start(self._work_through(key, lane), name=name)
        task.add_done_callback(lambda _: self._left_lane(key, lane))  # also for one cancelled before it began

    async def _work_through(self, key: LaneKey, lane: Lane) -> None:
        try:
            while lane:
                await self._work_on(lane[0])
                lane.popleft()
                self._free += 1
                self._grant()
        finally:
            self._leave_lane(key, lane)  # without an await before, so that no record enters a lane without a worker

    async def _work_on(self, delivery: Delivery) -> None:
        if self.ledgers.is_unfinished(delivery.record):  # another member may have finished it during the wait
            with self._watchdog.working(delivery.record):
                await self._feed.handle(delivery)

    def _leave_lane(self, key: LaneKey, lane: Lane) -> None:
        """Remove a lane and free the slots of its unfinished records. Idempotent."""
        if self._lanes.get(key) is lane:
            del self._lanes[key]
        self._free += len(lane)
        lane.clear()

    def _left_lane(self, key: LaneKey, lane: Lane) -> None:
        self._leave_lane(key, lane)
        self._grant()  # not in `_leave_lane`, which also runs when a closed loop discards its tasks

    def _delivery(self, record: Record, ledger: PartitionLedger) -> Delivery:
        def done() -> None:
            ledger.finish(record.offset)
            self._changed.notify()

        return Delivery(record, done)
