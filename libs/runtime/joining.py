"""The runtime of a join: folds the log, performs effects in order, wakes it when it is due, rebuilds it after a crash.

A record is done only when its aggregate has closed, so the log is the state store. After an assignment the runner
first folds what was there already without performing anything; then the joins that are still open say again what
they said before (ids are deterministic, so repeats are swallowed), and the closed ones say their last words only.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Self, TypeVar

from libs.contracts.answer import AnswerFinished, Failure
from libs.contracts.failures import failure_of
from libs.contracts.message import Message
from libs.core.errors import Rejected
from libs.core.reads import Read, Tape
from libs.core.tasks import TaskSet
from libs.runtime.bus import Delivery
from libs.runtime.calls import Recent
from libs.runtime.codec import read
from libs.runtime.due_times import DueTimes
from libs.runtime.fold import Join, Step, Tick
from libs.runtime.outcomes import RESTORED, STAGE, TICK
from libs.runtime.policy import Workplace, publish_stubbornly
from libs.runtime.stamp import Stamp, waited_ms
from libs.runtime.telemetry import OPEN_JOINS, response_id_of_task

S = TypeVar("S")
log = logging.getLogger(__name__)


@dataclass
class Aggregate(Generic[S]):
    """One response on its way. `held` are its records, `latest` the last message, `unsaid` what waits to be said.

    `ticks` are the times that the clock told it: all that it has read from outside the log.
    """

    partition: int
    latest: Message
    state: S | None = None
    ticks: Tape = field(default_factory=Tape)
    waited_ms: int = 0
    held: list[Delivery] = field(default_factory=list)
    unsaid: list[Message] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class JoinRunner(Generic[S], AbstractAsyncContextManager["JoinRunner[S]"]):
    """A `Process` and a `Watcher` for one join. Enter it to run its clock."""

    def __init__(
        self, join: Join[S], place: Workplace, on_error: Callable[[BaseException], None], stage_sha256: str = ""
    ) -> None:
        self._join = join
        self._place = place
        self._stage_sha256 = stage_sha256
        self._open: dict[str, Aggregate[S]] = {}
        self._closed = Recent(100_000)
        self._reading_back: dict[int, int] = {}
        self._due = DueTimes()
        self._wake = asyncio.Event()
        self._tasks = TaskSet(on_error)

    async def __aenter__(self) -> Self:
        self._tasks.start(self._run_clock(), name=f"join-clock/{self._join.topic.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tasks.cancel()

    def assigned(self, ends: Mapping[int, int]) -> None:
        self._reading_back |= {partition: end for partition, end in ends.items() if end > 0}

    def lost(self, partitions: Iterable[int]) -> None:
        gone = set(partitions)
        for partition in gone:
            self._reading_back.pop(partition, None)
        for response_id in [key for key, item in self._open.items() if item.partition in gone]:
            del self._open[response_id]
            self._due.drop(response_id)
        OPEN_JOINS.set(len(self._open))

    async def __call__(self, delivery: Delivery) -> None:
        """Fold one record. Its `done` is called when its aggregate closes."""
        record = delivery.record
        if (message := read(record, self._place.signer)) is None:
            delivery.done()
        else:
            await self._take(message, delivery)
        await self._maybe_caught_up(record.partition, record.offset)

    async def _take(self, message: Message, delivery: Delivery) -> None:
        response_id = message.envelope.response_id
        response_id_of_task.set(response_id)
        while response_id not in self._closed:
            aggregate = self._open.setdefault(response_id, self._begun(delivery, message))
            OPEN_JOINS.set(len(self._open))
            async with aggregate.lock:
                if self._open.get(response_id) is aggregate:  # it may have closed while we waited
                    aggregate.held.append(delivery)
                    aggregate.latest = message
                    waited = waited_ms(delivery.record, message.envelope, self._place.clock.now())
                    aggregate.waited_ms = max(aggregate.waited_ms, waited)
                    await self._or_fail(response_id, aggregate, self._advance(response_id, aggregate, message))
                    return
        delivery.done()

    def _begun(self, delivery: Delivery, message: Message) -> Aggregate[S]:
        partition = delivery.record.partition
        reads = [Read(STAGE, {"sha256": self._stage_sha256})] if self._stage_sha256 else []
        if (until := self._reading_back.get(partition)) is not None:
            reads.append(Read(RESTORED, {"until": until}))
        return Aggregate(partition, message, ticks=Tape([*reads]))

    async def _or_fail(self, response_id: str, aggregate: Aggregate[S], work: Awaitable[None]) -> None:
        """Do the work; a bug in it ends the request as failed and closes the join, or it would never be done."""
        try:
            await work
        except Exception:
            log.exception("the join of %s met a bug", response_id)
            await self._say_that_it_failed(aggregate)
            self._close(response_id, aggregate)

    async def _advance(self, response_id: str, aggregate: Aggregate[S], event: Message | Tick) -> None:
        if isinstance(event, Tick):
            aggregate.ticks.reads.append(Read(TICK, {"now": event.now, "after": aggregate.held[-1].record.offset}))
        step = self._join.advance(aggregate.state, event)
        aggregate.state = step.state
        await self._say(response_id, aggregate, step)
        if step.closed:
            self._close(response_id, aggregate)
        elif self._open.get(response_id) is aggregate:
            self._due.put(response_id, self._join.due_at(step.state))
            self._wake.set()

    async def _say(self, response_id: str, aggregate: Aggregate[S], step: Step[S]) -> None:
        """Say what follows from a step. While the log is read back, only a join that closes speaks: its last words."""
        reading_back = aggregate.partition in self._reading_back
        if step.closed and reading_back:
            aggregate.unsaid.clear()
        aggregate.unsaid.extend(map(Stamp(aggregate.ticks, aggregate.waited_ms).on, step.messages))
        if not reading_back:
            for delta in step.deltas:
                await self._join.deltas.append(response_id, delta)
        if step.closed or not reading_back:
            await self._say_the_unsaid(aggregate)

    async def _say_the_unsaid(self, aggregate: Aggregate[S]) -> None:
        if aggregate.unsaid:
            await publish_stubbornly(self._place, *aggregate.unsaid)
            aggregate.unsaid.clear()

    async def _say_that_it_failed(self, aggregate: Aggregate[S]) -> None:
        if isinstance(aggregate.latest, AnswerFinished):
            return  # the request has its end
        failure = Failure(code="internal_error", message="internal error while joining the answer")
        stamp = Stamp(aggregate.ticks, aggregate.waited_ms)
        try:
            await publish_stubbornly(self._place, stamp.on(failure_of(aggregate.latest, failure)))
        except Rejected as refusal:
            log.error("nobody can be told how %s ended: %s", aggregate.latest.envelope.response_id, refusal)

    def _close(self, response_id: str, aggregate: Aggregate[S]) -> None:
        """Let the records be committed. Only what was said by now counts, so nothing may be said after this."""
        if self._open.get(response_id) is not aggregate:
            return  # its partition was lost while it spoke: whoever has it now decides
        del self._open[response_id]
        self._due.drop(response_id)
        self._closed.add(response_id)
        OPEN_JOINS.set(len(self._open))
        for delivery in aggregate.held:
            delivery.done()

    async def _maybe_caught_up(self, partition: int, offset: int) -> None:
        end = self._reading_back.get(partition)
        if end is None or offset + 1 < end:
            return
        del self._reading_back[partition]
        for response_id, aggregate in list(self._open.items()):
            if aggregate.partition == partition:
                async with aggregate.lock:
                    await self._or_fail(response_id, aggregate, self._say_the_unsaid(aggregate))

    async def _run_clock(self) -> None:
        while True:
            self._wake.clear()
            now = self._place.clock.now()
            for response_id in self._due.pop_until(now):
                await self._tick(response_id, now)
            await self._sleep_until_due(now)

    async def _sleep_until_due(self, now: float) -> None:
        next_at = self._due.next_at
        try:
            async with asyncio.timeout(None if next_at is None else next_at - now):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _tick(self, response_id: str, now: float) -> None:
        aggregate = self._open.get(response_id)
        if aggregate is None:
            return
        async with aggregate.lock:
            if self._open.get(response_id) is aggregate and response_id not in self._due:
                await self._or_fail(response_id, aggregate, self._advance(response_id, aggregate, Tick(now)))
