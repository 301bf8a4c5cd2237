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
        self._cancelled = Recent(10_000)

    def is_cancelled(self, response_id: str) -> bool:
        return response_id in self._cancelled

    def cancel(self, response_id: str) -> None:
        """Stop every call of a response now; a call cancelled this way closes its connection."""
        self._cancelled.add(response_id)
        for task in self._tasks.get(response_id, ()):
            task.cancel()

    @contextmanager
    def running(self, response_id: str) -> Iterator[None]:
        """Mark the current task as work for a response. Being cancelled by `cancel` ends the block, not the task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("no task is running")
        tasks = self._tasks.setdefault(response_id, set())
        tasks.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if not self.is_cancelled(response_id) or task.uncancel() > 0:
                raise
        finally:
            tasks.discard(task)
            if not tasks:
                self._tasks.pop(response_id, None)
