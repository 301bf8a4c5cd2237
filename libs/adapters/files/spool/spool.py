"""A durable queue between requests and the log."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from libs.adapters.files.spool.segment import Segment, frame_bytes, overwrite, read_segment
from libs.core.errors import ConfigurationError, Retryable
from libs.core.resource import Resource

LINGER_S = 0.05
BATCH = 256
SEGMENT_BYTES = 4 << 20
PAUSE_S = 0.5
T = TypeVar("T")

log = logging.getLogger(__name__)


class _Waiting(NamedTuple, Generic[T]):
    """An item and the size of its entry, in the frame that begins at `start` of a file, or in memory alone."""

    item: T
    size: int
    path: Path | None
    start: int = 0
    unwritten: bytes = b""


class Spool(Resource, Generic[T]):
    """Appends take microseconds; delivery runs in the background. Enter it before use; one process per folder.

    `capacity` is how many bytes may wait before `has_capacity` is false. `read` decodes an entry of an earlier
    process; None if it is unreadable.

    Entries survive the end of the process, however it ends; the next process delivers them. Entries delivered just
    before may be redelivered. A power loss may lose the entries since the last sync to disk.
    """

    def __init__(self, folder: Path, capacity: int, read: Callable[[bytes], T | None]) -> None:
        self._folder = folder
        self._capacity = capacity
        self._read = read
        self._waiting: deque[_Waiting[T]] = deque()
        self._bytes = 0
        self._left: Counter[Path] = Counter()
        self._segment: Segment | None = None
        self._old: list[Segment] = []
        self._number = 0
        self._refused_bytes = 0
        self._news = asyncio.Event()
        self._empty = asyncio.Event()

    async def _enter(self, stack: AsyncExitStack) -> None:
        """Raises ConfigurationError if the folder is not writable."""
        try:
            self._open_folder()
        except OSError as error:
            raise ConfigurationError(f"MOE_DATA_DIR: cannot use {self._folder}: {error.strerror}") from error
        stack.callback(self._close)
        self._notify()

    def _close(self) -> None:
        if self._refused_bytes:
            self._try_disk()
        if unwritten := sum(waiting.path is None for waiting in self._waiting):
            log.error("%s takes nothing: %d entries in memory alone are lost", self._folder, unwritten)
        segment, self._segment = self._segment, None
        for each in (*self._old, *([segment] if segment is not None else [])):
            each.close()
            if not self._left[each.path]:
                with suppress(OSError):  # the next start redelivers entries that stay
                    each.path.unlink()

    @property
    def has_capacity(self) -> bool:
        """True while more may be added.

        False after the disk refused an entry, until it accepts as many bytes again.
        """
        return self._bytes < self._capacity and not self._refused_bytes

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def append(self, item: T, entry: bytes) -> None:
        """Add an item with the entry that encodes it.

        Never raises OSError: if the disk refuses the entry, memory alone holds it, and an error is logged.
        """
        try:
            waiting = self._written(item, entry)
        except OSError as error:
            log.error("%s takes no more, an entry is in memory alone: %s", self._folder, error)
            self._refused_bytes = max(self._refused_bytes, frame_bytes(entry))
            waiting = _Waiting(item, len(entry), None, unwritten=entry)
        self._add(waiting)
        self._news.set()
        self._empty.clear()

    async def deliver(self, deliver: Callable[[list[T]], Awaitable[None]]) -> None:
        """Deliver entries in batches until cancelled. A batch that raises Retryable is retried."""
        while True:
            await self._something_to_deliver()
            if len(self._waiting) < BATCH:
                await asyncio.sleep(LINGER_S)
            batch = list(islice(self._waiting, BATCH))
            try:
                await asyncio.gather(self._synced(), deliver([waiting.item for waiting in batch]))
            except Retryable as error:
                log.warning("%d entries wait: %s", len(self._waiting), error)
                await asyncio.sleep(PAUSE_S)
                continue
            self._delivered(len(batch))

    def replace(self, change: Callable[[T], tuple[T, bytes] | None]) -> None:
        """Replace waiting items, in memory and on disk.

        `change` returns an item with its entry, None for an unchanged one. An entry is JSON, no longer than the one
        before. Blocks while it writes: for rare events.
        """
        for at, waiting in enumerate(self._waiting):
            if (changed := change(waiting.item)) is None:
                continue
            item, entry = changed
            if waiting.path is None:
                self._bytes += len(entry) - waiting.size
                self._waiting[at] = waiting._replace(item=item, size=len(entry), unwritten=entry)
                continue
            self._waiting[at] = waiting._replace(item=item)
            same_length = (entry if len(entry) <= waiting.size else b"").ljust(waiting.size)
            try:
                overwrite(waiting.path, waiting.start, same_length)
            except OSError as error:
                log.error("%s still holds an entry that was replaced: %s", waiting.path, error)

    async def emptied(self, timeout_s: float) -> bool:
        """Wait until no entry waits; return whether that happened in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        return self._empty.is_set()

    async def _something_to_deliver(self) -> None:
        """Wait for an entry. Meanwhile test periodically whether a full disk has space again."""
        while self._refused_bytes:
            self._try_disk()
            if self._waiting:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_S):
                    await self._news.wait()
        await self._news.wait()

    def _try_disk(self) -> None:
        """Write entries held in memory alone; test whether as many bytes as were refused would fit too."""
        try:
            for at, waiting in enumerate(self._waiting):
                if waiting.path is None:
                    self._waiting[at] = written = self._written(waiting.item, waiting.unwritten)
                    self._count(written)
            self._open_segment().require_space(self._refused_bytes)
        except OSError:
            return
        self._refused_bytes = 0
        log.warning("%s takes entries again", self._folder)

    def _written(self, item: T, entry: bytes) -> "_Waiting[T]":
        """Append the entry of an item. Raises OSError."""
        segment = self._open_segment()
        start = segment.size
        segment.append(entry)
        return _Waiting(item, len(entry), segment.path, start)

    async def _synced(self) -> None:
        segment = self._open_segment()
        try:
            await asyncio.to_thread(segment.sync)
        except OSError as error:
            log.warning("%s was not written to disk: %s", segment.path, error)

    def _delivered(self, count: int) -> None:
        for _ in range(count):
            waiting = self._waiting.popleft()
            self._bytes -= waiting.size
            if waiting.path is not None:
                self._left[waiting.path] -= 1
        try:
            self._free_disk()
        except OSError as error:  # the next start redelivers entries that stay
            log.warning("%s still holds entries that were delivered: %s", self._folder, error)
        self._notify()

    def _free_disk(self) -> None:
        """Remove delivered entries. Call only while no sync runs. Raises OSError."""
        segment = self._open_segment()
        if not self._waiting:
            segment.empty()
        elif segment.size > SEGMENT_BYTES:
            segment = self._next_segment()
        for old in [each for each in self._old if not self._left[each.path]]:
            old.close()
            self._old.remove(old)
        for path in [path for path, left in self._left.items() if not left and path != segment.path]:
            path.unlink(missing_ok=True)
            del self._left[path]

    def _open_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in sorted(self._folder.glob("[0-9]*.spool")):
            self._number = max(self._number, int(path.stem))
            self._recover(path)
        self._next_segment()

    def _recover(self, path: Path) -> None:
        entries = read_segment(path)
        if not entries:
            path.unlink()
            return
        log.warning("%s: %d entries of an earlier process are delivered now", path, len(entries))
        start = 0
        for entry in entries:
            if (item := self._read(entry)) is not None:
                self._add(_Waiting(item, len(entry), path, start))
            start += frame_bytes(entry)

    def _add(self, waiting: "_Waiting[T]") -> None:
        self._waiting.append(waiting)
        self._bytes += waiting.size
        self._count(waiting)

    def _count(self, waiting: "_Waiting[T]") -> None:
        if waiting.path is not None:
            self._left[waiting.path] += 1

    def _notify(self) -> None:
        for event, is_so in ((self._news, bool(self._waiting)), (self._empty, not self._waiting)):
            event.set() if is_so else event.clear()

    def _next_segment(self) -> Segment:
        """Open another file. Raises OSError; then the previous one stays in use."""
        segment = Segment(self._folder / f"{self._number + 1:010}.spool")
        self._number += 1
        if self._segment is not None:
            self._old.append(self._segment)
        self._segment = segment
        return segment

    def _open_segment(self) -> Segment:
        if self._segment is None:
            raise RuntimeError("the spool is not entered")
        return self._segment
