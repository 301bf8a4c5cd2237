"""Tool servers of one test process that fork their workers of the same two template processes.

Loading both takes a second of CPU, and many tests start a whole fleet. Workers are each server's own, and end with it.
"""

import asyncio
import atexit
import functools
import select
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import pytest

from services.mcp.workers.fork_server import ForkServer, TemplateProcess
from services.mcp.workers.isolation import ProcessLimits

SHARED = ("services.mcp.tools.pure.quick_worker", "services.mcp.tools.pure.slow_worker")
T = TypeVar("T")


@contextmanager
def shared_templates() -> Iterator[None]:
    """Have tool servers use the two of this process, which are started when they are needed first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ForkServer, "start", _templates().start)
        yield


@functools.cache
def _templates() -> "_SharedTemplates":
    templates = _SharedTemplates()
    atexit.register(templates.close)
    return templates


class _SharedTemplates:
    """Fork servers that outlive the event loops of tests: they have a loop of their own, in a thread."""

    def __init__(self) -> None:
        self._start = ForkServer.start
        self._running: dict[tuple[str, str], ForkServer] = {}
        self._starting = asyncio.Lock()
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="shared-templates", daemon=True)
        self._thread.start()

    async def start(self, program: str, limits: ProcessLimits, timeout_s: float) -> ForkServer:
        """Template whose `stop` leaves the process to others. Raises ForkServerLost."""
        if program not in SHARED:
            return await self._start(program, limits, timeout_s)
        template = await asyncio.wrap_future(self._in_own_loop(self._shared(program, limits, timeout_s)))
        left_alone = cast(TemplateProcess, _LeftAlone(template.pid))
        return ForkServer(left_alone, template._control.dup(), template.ready)

    async def _shared(self, program: str, limits: ProcessLimits, timeout_s: float) -> ForkServer:
        key = program, limits.model_dump_json()
        async with self._starting:
            template = self._running.pop(key, None)
            if template is not None and _has_ended(template):
                await template.stop()
                template = None
            self._running[key] = template or await self._start(program, limits, timeout_s)
            return self._running[key]

    def _in_own_loop(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """End all processes."""
        for template in self._running.values():
            self._in_own_loop(template.stop()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _has_ended(template: ForkServer) -> bool:
    """Whether its end of the socket is closed: it has sent all that it ever does."""
    poll = select.poll()
    poll.register(template._control, select.POLLIN)
    return bool(poll.poll(0))


@dataclass(frozen=True, slots=True)
class _LeftAlone:
    """A process that its sharers do not end."""

    pid: int

    async def end(self) -> None:
        """Leave it to the others."""
