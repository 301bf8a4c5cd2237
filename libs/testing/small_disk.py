"""A disk of a few megabytes that a test fills, empties and makes read-only: a tmpfs of its own.

Without the right to mount, a limit of zero bytes on the files of this process (RLIMIT_FSIZE) simulates a full disk, and
a folder without write permission a read-only one.
"""

import ctypes
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MNT_DETACH = 1, 2, 4, 32, 2
_CHUNK = bytes(1 << 16)


class SmallDisk:
    """`folder` is where files go. `is_mounted`: a disk of its own, else limits on this process."""

    def __init__(self, folder: Path, *, is_mounted: bool) -> None:
        self.folder = folder
        self.is_mounted = is_mounted
        self._filler = folder / "filler"

    @contextmanager
    def full(self) -> Iterator[None]:
        """No free byte while the block runs."""
        if not self.is_mounted:
            with _no_file_may_grow():
                yield
            return
        self._fill()
        try:
            yield
        finally:
            self._filler.unlink()

    def free_a_page(self) -> None:
        """Space for one small file while the disk is full."""
        if self.is_mounted:
            os.truncate(self._filler, self._filler.stat().st_size - resource.getpagesize())

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Reject every change while the block runs; no file on it may be open for writing."""
        if not self.is_mounted:
            folders = [self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())]
            with _closed(folders):
                yield
            return
        _mount(self.folder, _MS_REMOUNT | _MS_RDONLY)
        try:
            yield
        finally:
            _mount(self.folder, _MS_REMOUNT)

    def _fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file:
            for chunk in (_CHUNK, b"\0"):
                with suppress(OSError):
                    while file.write(chunk) == len(chunk):
                        pass


@contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[SmallDisk]:
    """Yield an empty disk at a new folder."""
    folder.mkdir()
    if not _may_mount(folder, size_bytes):
        yield SmallDisk(folder, is_mounted=False)
        return
    try:
        yield SmallDisk(folder, is_mounted=True)
    finally:
        _LIBC.umount2(str(folder).encode(), _MNT_DETACH)


def _may_mount(folder: Path, size_bytes: int) -> bool:
    try:
        _mount(folder, _MS_NOSUID | _MS_NODEV, f"size={size_bytes},mode=0755")
    except PermissionError:
        return False
    return True


def _mount(folder: Path, flags: int, options: str = "") -> None:
    if _LIBC.mount(b"tmpfs", str(folder).encode(), b"tmpfs", flags, options.encode() or None):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(folder))


@contextmanager
def _no_file_may_grow() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _closed(folders: list[Path]) -> Iterator[None]:
    for folder in folders:
        folder.chmod(0o500)
    try:
        yield
    finally:
        for folder in folders:
            folder.chmod(0o700)
