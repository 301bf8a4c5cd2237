"""The running tasks of each response, which a cancellation stops, and the cancelled responses."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T", bound=Hashable)
RequestKey: TypeAlias = tuple[str, str]  # tenant and response id


class LruSet(Generic[T]):
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
    """A text for each of the last `size` keys that were set."""

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
    """The tasks of each response, by tenant: knowing an id does not allow cancelling another tenant's work."""

    def __init__(self) -> None:
        self._tasks: dict[RequestKey, set[asyncio.Task[object]]] = {}
        self._stopped: set[asyncio.Task[object]] = set()
        self._cancelled = LruSet[RequestKey](10_000)

    def is_cancelled(self, request: RequestKey) -> bool:
        return request in self._cancelled

    def cancel(self, request: RequestKey) -> None:
        """Cancel every running task of a response; a cancelled call closes its connection."""
        self._cancelled.add(request)
        for task in self._tasks.pop(request, ()):
            self._stopped.add(task)
            task.cancel()

    @contextmanager
    def running(self, request: RequestKey) -> Iterator[None]:
        """Mark the current task as work for a response. A cancellation by `cancel` ends the block, not the task.

        Whatever the block raises after `cancel` is suppressed.
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
        """True if `cancel` alone cancelled the task, which then continues normally."""
        if task not in self._stopped:
            return False
        self._stopped.discard(task)
        return task.uncancel() == 0

    def _leave(self, request: RequestKey, task: asyncio.Task[object]) -> None:
        tasks = self._tasks.get(request, set())
        tasks.discard(task)
        if not tasks:
            self._tasks.pop(request, None)
