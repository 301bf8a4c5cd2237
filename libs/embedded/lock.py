"""The lock of a data directory, which one fleet uses at a time."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

from libs.core.private_folder import make_private_folder
from libs.embedded.errors import DataDirInUse, EmbeddedStoreFailed

# After `kill -9` of an owner its guards hold the lock until they end, at most for the longest grace period.
_GUARDS_END_WITHIN_S = 8.0
_POLL_S = 0.05
_held: set[int] = set()


@asynccontextmanager
async def data_dir_lock(data_dir: Path) -> AsyncIterator[int]:
    """Create the data directory and hold its lock; yield the locked descriptor, which the guards inherit.

    The kernel releases such a lock however its holders end, so it is never stale, and it outlives a killed owner until
    its stores have ended. Raises DataDirInUse at once if the owner lives; waits for the guards of an ended one.
    """
    fd = open_lock(data_dir / "embedded.lock")
    try:
        make_private_folder(data_dir)
        await _take(fd, data_dir)
        _write_owner(fd, str(os.getpid()))
        with _closed_in_forks(fd):
            yield fd
        _write_owner(fd, "")
    finally:
        os.close(fd)


@contextmanager
def _closed_in_forks(fd: int) -> Iterator[None]:
    """A worker forked without exec would hold the lock for its lifetime, long after its parent was killed."""
    _close_held_in_forks()
    _held.add(fd)
    try:
        yield
    finally:
        _held.discard(fd)


@cache  # a fork hook cannot be removed, so register one only
def _close_held_in_forks() -> None:
    os.register_at_fork(after_in_child=_close_held)


def _close_held() -> None:
    while _held:
        os.close(_held.pop())


def open_lock(path: Path) -> int:
    """Open the lock file and create its folder, without locking. Raises EmbeddedStoreFailed."""
    try:
        make_private_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EmbeddedStoreFailed(f"cannot use the folder {path.parent}: {error.strerror}") from error


def try_lock(fd: int) -> bool:
    """Lock an open file until it is closed; False if another holder has the lock."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _take(fd: int, data_dir: Path) -> None:
    give_up_at = time.monotonic() + _GUARDS_END_WITHIN_S
    while not try_lock(fd):
        owner = _owner(fd)
        if _is_alive(owner) or time.monotonic() > give_up_at:
            by = f" by process {owner}" if owner else ""
            raise DataDirInUse(f"{data_dir} is in use{by}: stop that fleet, or set another MOE_DATA_DIR")
        await asyncio.sleep(_POLL_S)


def _owner(fd: int) -> int:
    return int(os.pread(fd, 20, 0) or b"0")


def _write_owner(fd: int, text: str) -> None:
    os.ftruncate(fd, 0)
    os.pwrite(fd, text.encode(), 0)


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
