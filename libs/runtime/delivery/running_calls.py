"""The running work of each response, so that a cancelled request stops it, and a memory of what was cancelled."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T", bound=Hashable)
RequestKey: TypeAlias = tuple[str, str]  # tenant and response id


class LruSet(Generic[T]):
    """The last `size` items that were added."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: OrderedDict[T, None] = OrderedDict()

    def __contains__(self, item: T) -> bool:
        return item in self._ids

    def add(self, item: T) -> None:
        self._ids[item] = None
        self._ids.move_to_end(item)
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)

    def discard(self, item: T) -> None:
        self._ids.pop(item, None)


class LruMap(Generic[T]):
    """A text for each of the last `size` items that one was kept for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._texts: OrderedDict[T, str] = OrderedDict()

    def __contains__(self, item: T) -> bool:
        return item in self._texts

    def __getitem__(self, item: T) -> str:
        return self._texts[item]

    def __setitem__(self, item: T, text: str) -> None:
        self._texts[item] = text
        self._texts.move_to_end(item)
        if len(self._texts) > self._size:
            self._texts.popitem(last=False)


class RunningCalls:
    """Which tasks work for which response of which tenant: nobody stops another tenant's work by knowing an id."""

    def __init__(self) -> None:
        self._tasks: dict[RequestKey, set[asyncio.Task[object]]] = {}
        self._stopped: set[asyncio.Task[object]] = set()
        self._cancelled = LruSet[RequestKey](10_000)

    def is_cancelled(self, request: RequestKey) -> bool:
        return request in self._cancelled

    def cancel(self, request: RequestKey) -> None:
        """Stop every call of a response now; a call cancelled this way closes its connection."""
        self._cancelled.add(request)
        for task in self._tasks.pop(request, ()):
            self._stopped.add(task)
            task.cancel()

    @contextmanager
    def running(self, request: RequestKey) -> Iterator[None]:
        """Mark the current task as work for a response. Being cancelled by `cancel` ends the block, not the task.

        Whatever the block raises then is of no interest any more.
        """
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("no task is running")
        self._tasks.setdefault(request, set()).add(task)
        try:
            yield
        except (Exception, asyncio.CancelledError):
            if not self._take_back(task):
                raise
        else:
            self._take_back(task)
        finally:
            self._leave(request, task)

    def _take_back(self, task: asyncio.Task[object]) -> bool:
        """Return whether `cancel` alone cancelled the task, which then goes on as if nothing had happened."""
        if task not in self._stopped:
            return False
        self._stopped.discard(task)
        return task.uncancel() == 0

    def _leave(self, request: RequestKey, task: asyncio.Task[object]) -> None:
        tasks = self._tasks.get(request, set())
        tasks.discard(task)
        if not tasks:
            self._tasks.pop(request, None)
