"""The runtime of a join: folds the log, performs effects in order, ticks due aggregates, rebuilds after a crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Generic, TypeVar

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.core.reads import ReadLog
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.ports.reducer import Join, Tick, Transition
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.dead_letter_publisher import DeadLetterPublisher, publish_end
from libs.runtime.delivery.outcomes import Bug, Stage, bug, join_failed
from libs.runtime.delivery.output_metadata import OutputMetadata
from libs.runtime.delivery.running_calls import LruMap, RequestKey
from libs.runtime.join.aggregates import Aggregate, TenantOwnership, new_aggregate
from libs.runtime.join.due_times import DueTimes
from libs.runtime.messaging.bus import Delivery
from libs.runtime.telemetry import OPEN_JOINS, response_id_of_task

S = TypeVar("S")
REMEMBERED = 100_000
log = logging.getLogger(__name__)


class JoinRunner(Resource, Generic[S]):
    """A `RecordHandler` and a `RebalanceListener` for one join. Enter it to run its clock.

    A record is done only when its aggregate has closed, so the log is the state store. After an assignment the runner
    first folds the existing records without effects. Then the joins that are still open publish the same messages again
    (ids are deterministic, so consumers drop the duplicates), and the closed ones publish their final messages only.
    """

    def __init__(
        self,
        join: Join[S],
        context: RuntimeContext,
        on_error: Callable[[BaseException], None],
        stage: Stage | None = None,
    ) -> None:
        self._join = join
        self._context = context
        self._stage = stage or Stage("join")
        self._dead_letters = DeadLetterPublisher(self._stage.name, context)
        self._ownership = TenantOwnership(REMEMBERED)
        self._open: dict[RequestKey, Aggregate[S]] = {}
        self._closed = LruMap[RequestKey](REMEMBERED)
        self._reading_back: dict[int, int] = {}
        self._due: DueTimes[RequestKey] = DueTimes()
        self._wake = asyncio.Event()
        self._tasks = TaskSet(on_error)

    async def _enter(self, stack: AsyncExitStack) -> None:
        self._tasks.start(self._run_clock(), name=f"join-clock/{self._join.topic.name}")
        stack.push_async_callback(self._tasks.cancel)

    def assigned(self, ends: Mapping[int, int]) -> None:
        self._reading_back |= {partition: end for partition, end in ends.items() if end > 0}

    def lost(self, partitions: Iterable[int]) -> None:
        revoked = set(partitions)
        for partition in revoked:
            self._reading_back.pop(partition, None)
        for request in [key for key, item in self._open.items() if item.partition in revoked]:
            self._drop(request)

    async def __call__(self, delivery: Delivery) -> None:
        """Fold one record. Its `done` is called when its aggregate closes. Raises TooManyDeadLetters."""
        record = delivery.record
        if (message := await self._dead_letters.read(record)) is None:
            delivery.done()
        else:
            await self._take(message, delivery)
        await self._maybe_caught_up(record.partition, record.offset)

    async def _take(self, message: Message, delivery: Delivery) -> None:
        request = message.envelope.request
        response_id_of_task.set(message.envelope.response_id)
        for foreign in self._ownership.observe(request, opens=isinstance(message, self._join.opener)):
            await self._evict(foreign)
        if self._ownership.is_foreign(request):
            await self._dead_letters.reject_foreign(delivery.record)
        elif await self._fold(request, message, delivery):
            return
        else:
            await self._handle_late(request, message)
        delivery.done()

    async def _fold(self, request: RequestKey, message: Message, delivery: Delivery) -> bool:
        """Fold a message; return whether its record is held. A late message of a closed request is not held."""
        while request not in self._closed:
            aggregate = self._open.setdefault(request, self._new_aggregate(delivery, message))
            OPEN_JOINS.set(len(self._open))
            async with aggregate.locked():
                if self._open.get(request) is aggregate:  # it may have closed during the wait for the lock
                    aggregate.hold(delivery, message, self._context.clock.now())
                    await self._or_fail(request, aggregate, self._advance(request, aggregate, message))
                    return True
        return False

    async def _handle_late(self, request: RequestKey, message: Message) -> None:
        """Publish the messages that follow from a message of a closed request."""
        if self._join.late is None:
            return
        self._closed[request], outputs = self._join.late.on_late(self._closed[request], message)
        for output in outputs:
            await publish_end(self._context, OutputMetadata(ReadLog([*self._stage.reads])).attach_to(output))

    def _new_aggregate(self, delivery: Delivery, message: Message) -> Aggregate[S]:
        restored_until = self._reading_back.get(delivery.record.partition)
        return new_aggregate(delivery, message, self._stage, restored_until, self._context.clock)

    async def _evict(self, request: RequestKey) -> None:
        """Reject the messages that another tenant published about a response before its owner was known."""
        if (aggregate := self._drop(request)) is not None:
            for delivery in aggregate.held:
                await self._dead_letters.reject_foreign(delivery.record)
                delivery.done()

    async def _or_fail(self, request: RequestKey, aggregate: Aggregate[S], work: Awaitable[None]) -> None:
        """Run the work; a bug fails the request and closes the join, which would otherwise stay open for ever."""
        try:
            await work
        except Exception as error:
            log.exception("the join of %s met a bug", request[1])
            await self._give_up(aggregate, bug(self._stage.name, error))
            self._close(request, aggregate)
        else:
            self._dead_letters.circuit_breaker.record_success()

    async def _advance(self, request: RequestKey, aggregate: Aggregate[S], event: Message | Tick) -> None:
        if isinstance(event, Tick):
            aggregate.record_tick(event.now)
        step = self._join.advance(aggregate.state, event)
        aggregate.state = step.state
        await self._perform_effects(request, aggregate, step)
        if step.closed:
            self._close(request, aggregate)
        elif self._open.get(request) is aggregate:
            self._due.put(request, aggregate.monotonic(self._join.due_at(step.state)))
            self._wake.set()

    async def _perform_effects(self, request: RequestKey, aggregate: Aggregate[S], step: Transition[S]) -> None:
        """Publish the messages of a step. During a rebuild only a closing join publishes: its final messages."""
        reading_back = aggregate.partition in self._reading_back
        if step.closed and reading_back:
            aggregate.unpublished.clear()
        aggregate.unpublished.extend(map(aggregate.output_metadata.attach_to, step.messages))
        if not reading_back:
            for delta in step.deltas:
                self._join.deltas.enqueue(request[1], delta)  # a slow store must not delay what is published
        if step.closed or not reading_back:
            await self._flush_unpublished(aggregate)

    async def _flush_unpublished(self, aggregate: Aggregate[S]) -> None:
        if aggregate.unpublished:
            await self._context.publish(*aggregate.unpublished)
            aggregate.unpublished.clear()

    async def _give_up(self, aggregate: Aggregate[S], error: Bug) -> None:
        """Dead-letter the record at which the bug showed and end the request, unless it has its end."""
        self._dead_letters.circuit_breaker.record_dead_letter()
        record = aggregate.held[-1].record
        await self._dead_letters.publish_dead_letter(
            record, aggregate.latest, self._dead_letters.failure_context(error), aggregate.output_metadata
        )
        if not isinstance(aggregate.latest, AnswerFinished):
            await publish_end(self._context, aggregate.output_metadata.attach_to(join_failed(aggregate.latest)))

    def _close(self, request: RequestKey, aggregate: Aggregate[S]) -> None:
        """Mark the records as done. Nothing is published for the aggregate after this."""
        if self._open.get(request) is not aggregate:
            return  # its partition was lost while it published: the new owner decides
        self._drop(request)
        late, state = self._join.late, aggregate.state
        self._closed[request] = late.snapshot(state) if late is not None and state is not None else ""
        for delivery in aggregate.held:
            delivery.done()

    def _drop(self, request: RequestKey) -> Aggregate[S] | None:
        aggregate = self._open.pop(request, None)
        self._due.drop(request)
        self._ownership.forget(request)
        OPEN_JOINS.set(len(self._open))
        return aggregate

    async def _maybe_caught_up(self, partition: int, offset: int) -> None:
        end = self._reading_back.get(partition)
        if end is None or offset + 1 < end:
            return
        del self._reading_back[partition]
        for request, aggregate in list(self._open.items()):
            if aggregate.partition == partition:
                async with aggregate.locked():
                    await self._or_fail(request, aggregate, self._flush_unpublished(aggregate))

    async def _run_clock(self) -> None:
        while True:
            self._wake.clear()
            now = self._context.clock.monotonic()
            for request in self._due.pop_until(now):
                await self._tick(request, now)
            await self._sleep_until_due(now)

    async def _sleep_until_due(self, now: float) -> None:
        next_at = self._due.next_at
        try:
            async with asyncio.timeout(None if next_at is None else next_at - now):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _tick(self, request: RequestKey, now: float) -> None:
        aggregate = self._open.get(request)
        if aggregate is None:
            return
        with self._context.watchdog.working(aggregate.held[-1].record):
            async with aggregate.locked():
                if self._open.get(request) is aggregate and request not in self._due:
                    tick = self._tick_of(aggregate, now)
                    await self._or_fail(request, aggregate, self._advance(request, aggregate, tick))

    def _tick_of(self, aggregate: Aggregate[S], now: float) -> Tick:
        """Convert a monotonic time to a Unix tick; rounding must not make it earlier than the due time."""
        due_at = self._join.due_at(aggregate.state) if aggregate.state is not None else None
        return Tick(max(now + aggregate.ahead_s, due_at or 0.0))
