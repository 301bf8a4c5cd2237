"""The running work of each response, so that a cancelled request stops it, and a memory of what was cancelled."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager


class Recent:
    """The last `size` ids that were added."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, item: str) -> bool:
        return item in self._ids

    def add(self, item: str) -> None:
        self._ids[item] = None
        self._ids.move_to_end(item)
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)

    def discard(self, item: str) -> None:
        self._ids.pop(item, None)


class RunningCalls:
    """Which tasks work for which response."""

    def __init__(self) -> None:
        self._tasks: dict[str, set[asyncio.Task[object]]] = {}
        self._stopped: set[asyncio.Task[object]] = set()
        self._cancelled = Recent(10_000)

    def is_cancelled(self, response_id: str) -> bool:
        return response_id in self._cancelled

    def cancel(self, response_id: str) -> None:
        """Stop every call of a response now; a call cancelled this way closes its connection."""
        self._cancelled.add(response_id)
        for task in self._tasks.pop(response_id, ()):
            self._stopped.add(task)
            task.cancel()

    @contextmanager
    def running(self, response_id: str) -> Iterator[None]:
        """Mark the current task as work for a response. Being cancelled by `cancel` ends the block, not the task.

        Whatever the block raises then is of no interest any more.
        """
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("no task is running")
        self._tasks.setdefault(response_id, set()).add(task)
        try:
            yield
        except (Exception, asyncio.CancelledError):
            if not self._take_back(task):
                raise
        else:
            self._take_back(task)
        finally:
            self._leave(response_id, task)

    def _take_back(self, task: asyncio.Task[object]) -> bool:
        """Return whether `cancel` alone cancelled the task, which then goes on as if nothing had happened."""
        if task not in self._stopped:
            return False
        self._stopped.discard(task)
        return task.uncancel() == 0

    def _leave(self, response_id: str, task: asyncio.Task[object]) -> None:
        tasks = self._tasks.get(response_id, set())
        tasks.discard(task)
        if not tasks:
            self._tasks.pop(response_id, None)
