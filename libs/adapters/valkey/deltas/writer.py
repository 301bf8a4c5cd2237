"""Delta writer: all entries of a process in one order over one connection, with a circuit breaker."""

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import dataclass

from libs.adapters.valkey.client import STORE_UNAVAILABLE
from libs.adapters.valkey.deltas.connection import Line, Word
from libs.adapters.valkey.deltas.wire import FIELD, Entry, channel, pack, stream_key
from libs.core.ids import reply_partition_of
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.ports.deltas import Delta

STREAM_LIMIT = 20_000
STREAM_LIFE_S = 600
BATCH_LIMIT = 256
WAITING_LIMIT = 10_000
WRITE_TIMEOUT_S = 0.25  # the limit that the port promises
PROBE_EVERY_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: Entry
    written: asyncio.Future[None]


class ValkeyDeltaWriter(Resource):
    """Writes deltas while it is entered. Never raises; drops entries at once while the store is unavailable.

    Concurrent calls are sent together, in the order of the calls.
    """

    def __init__(self, url: str, *, probe_every_s: float = PROBE_EVERY_S) -> None:
        self._line = Line(url)
        self._probe_every_s = probe_every_s
        self._writer = secrets.token_hex(4)
        self._number = 0
        self._away = True
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._tasks = TaskSet(_report)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._line.close)
        stack.callback(self._drop_all)
        stack.push_async_callback(self._tasks.cancel)
        self._away = not await self._reached()
        self._tasks.start(self._run(), name="delta-writer")

    async def append(self, response_id: str, delta: Delta) -> None:
        """Waits until the store has the entry, 250 ms at most."""
        if (waiting := self._queued(response_id, delta)) is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await waiting.written

    def enqueue(self, response_id: str, delta: Delta) -> None:
        self._queued(response_id, delta)

    def _queued(self, response_id: str, delta: Delta) -> _Waiting | None:
        """None if the entry is dropped."""
        if self._away or len(self._waiting) >= WAITING_LIMIT:
            return None
        self._number += 1
        entry = Entry(response_id, self._writer, self._number, delta)
        waiting = _Waiting(entry, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._wake.set()
        return waiting

    async def _run(self) -> None:
        while True:
            if self._away:
                await self._recover()
            await self._wake.wait()
            self._wake.clear()
            await self._flush()

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH_LIMIT, len(self._waiting)))]
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await self._line.call_on_streams(_commands(batch))
            except STORE_UNAVAILABLE as error:
                log.warning("deltas are dropped: the store does not answer: %s", error or "timeout")
                self._away = True
                self._drop_all()
            finally:
                _release(batch)

    async def _recover(self) -> None:
        await self._line.close()
        while self._away:
            await asyncio.sleep(self._probe_every_s)
            self._away = not await self._reached()
        log.info("the delta store answers")

    async def _reached(self) -> bool:
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._line.open()
                await self._line.call([("PING",)])
        except STORE_UNAVAILABLE:
            await self._line.close()
            return False
        return True

    def _drop_all(self) -> None:
        _release(self._waiting)
        self._waiting.clear()


def _commands(batch: list[_Waiting]) -> list[tuple[Word, ...]]:
    commands: list[tuple[Word, ...]] = []
    for waiting in batch:
        commands += _entry_commands(waiting.entry)
    responses = dict.fromkeys(waiting.entry.response_id for waiting in batch)
    commands += [("EXPIRE", stream_key(response_id), STREAM_LIFE_S) for response_id in responses]
    return commands


def _entry_commands(entry: Entry) -> list[tuple[Word, ...]]:
    data = pack(entry)
    add: tuple[Word, ...] = ("XADD", stream_key(entry.response_id), "MAXLEN", "~", STREAM_LIMIT, "*", FIELD, data)
    try:
        target = channel(reply_partition_of(entry.response_id))
    except ValueError:  # no gateway follows such an id
        return [add]
    return [add, ("PUBLISH", target, data)]


def _release(batch: list[_Waiting] | deque[_Waiting]) -> None:
    for waiting in batch:
        if not waiting.written.done():
            waiting.written.set_result(None)


def _report(error: BaseException) -> None:
    log.error("the delta writer has stopped", exc_info=error)
