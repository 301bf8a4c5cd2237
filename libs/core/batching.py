"""Collects concurrent submissions and flushes them in batches, bounded in items, bytes and time."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from libs.core.errors import FleetError, Retryable, Unstorable
from libs.core.resource import Resource

T = TypeVar("T")
Outcomes = Sequence[Exception | None]
Flush = Callable[[Sequence[T]], Awaitable[Outcomes]]
# Errors of encoding an item for a store, if a number, a time or a text does not fit.
_NOT_ENCODABLE = (ValueError, OverflowError, struct.error)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """A batch is flushed at `items`, at `size` bytes, or `linger_s` seconds after its first item arrived.

    `waiting` items may queue during a flush; further submissions wait.
    """

    items: int = 500
    size: int = 8 * 1024 * 1024
    linger_s: float = 0.010
    waiting: int = 1000


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T]):
    item: T
    size: int
    stored: asyncio.Future[None]


class Batches(Resource, Generic[T]):
    """Flushes one batch at a time. `flush` returns one outcome per item, or raises for all of them.

    `flush` changes nothing if it raises. Any error but Retryable and ConfigurationError concerns a single item: the
    batch is flushed in halves until that item is alone and rejected; the others are stored.
    """

    def __init__(
        self,
        flush: Flush[T],
        size_of: Callable[[T], int],
        limits: BatchLimits,
    ) -> None:
        self._flush = flush
        self._size_of = size_of
        self._limits = limits
        self._line: asyncio.Queue[_Waiting[T]] = asyncio.Queue(limits.waiting)
        self._worker: asyncio.Task[None] | None = None

    async def _enter(self, stack: AsyncExitStack) -> None:
        self._worker = asyncio.get_running_loop().create_task(self._work(), name="batches")
        stack.push_async_callback(self._stop, self._worker)

    async def _stop(self, worker: asyncio.Task[None]) -> None:
        self._worker = None
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)

    async def submit(self, item: T) -> None:
        """Wait until the batch of this item is flushed; raise the item's outcome. Raises Retryable while closed."""
        waiting = _Waiting(item, self._size_of(item), asyncio.get_running_loop().create_future())
        if not self._open:
            raise Retryable("the writer is closed")
        await self._line.put(waiting)
        if not self._open:  # closed while this call and others waited for the queue
            self._give_up(())
        await waiting.stored

    @property
    def waiting(self) -> int:
        """Queued items, those of the current batch excluded."""
        return self._line.qsize()

    @property
    def _open(self) -> bool:
        return self._worker is not None and not self._worker.done()

    async def _work(self) -> None:
        batch: list[_Waiting[T]] = []
        try:
            while True:
                batch = [await self._line.get()]
                await self._collect(batch)
                await self._hand_over(batch)
        finally:
            self._give_up(batch)

    async def _collect(self, batch: list[_Waiting[T]]) -> None:
        size = batch[0].size
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger_s):
                while len(batch) < self._limits.items and size < self._limits.size:
                    batch.append(await self._line.get())
                    size += batch[-1].size

    async def _hand_over(self, batch: list[_Waiting[T]]) -> None:
        flushed = flush_apart(self._flush, [waiting.item for waiting in batch])
        (result,) = await asyncio.gather(flushed, return_exceptions=True)
        outcomes = [result] * len(batch) if isinstance(result, BaseException) else result
        for waiting, outcome in zip(batch, outcomes, strict=True):
            _settle(waiting.stored, outcome)

    def _give_up(self, batch: Sequence[_Waiting[T]]) -> None:
        """Fail all waiting items with Retryable, so that their records are redelivered."""
        left = list(batch)
        while not self._line.empty():
            left.append(self._line.get_nowait())
        for waiting in left:
            _settle(waiting.stored, Retryable("the writer was closed"))


async def flush_apart(flush: Flush[T], items: Sequence[T]) -> Outcomes:
    """Flush items together; flush a rejected batch in halves, so that only the faulty item is rejected.

    Raises errors that concern no single item.
    """
    (result,) = await asyncio.gather(flush(items), return_exceptions=True)
    if not isinstance(result, BaseException):
        return result
    if not isinstance(result, Exception) or not _is_about_an_item(result):
        raise result
    if len(items) == 1:
        return [_refusal(result)]
    middle = len(items) // 2
    return [*await flush_apart(flush, items[:middle]), *await flush_apart(flush, items[middle:])]


def _is_about_an_item(error: Exception) -> bool:
    return isinstance(error, Unstorable) or not isinstance(error, FleetError)


def _refusal(error: Exception) -> Exception:
    """Outcome of a single item: Unstorable if it cannot be encoded, else the error itself."""
    if not isinstance(error, _NOT_ENCODABLE):
        return error
    refusal = Unstorable(f"it cannot be encoded for the store ({type(error).__name__})")
    refusal.__cause__ = error
    return refusal


def _settle(future: asyncio.Future[None], outcome: BaseException | None) -> None:
    if future.done():  # its caller was cancelled
        return
    if outcome is None:
        future.set_result(None)
    else:
        future.set_exception(outcome)
