"""One append-only file of a spool."""

import errno
import logging
import os
import struct
import zlib
from pathlib import Path

_HEAD = struct.Struct(">II")

log = logging.getLogger(__name__)


class Segment:
    """Entries one after the other, each preceded by its length and CRC-32. Mode 0600: entries hold content of users.

    An append is one `write`. Its bytes are in the page cache, which outlives the process, also after `kill -9`. They do
    not outlive the machine before `sync`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._torn = False
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self, entry: bytes) -> None:
        """Append an entry, completely or not at all. Raises OSError."""
        frame = _HEAD.pack(len(entry), zlib.crc32(entry)) + entry
        self._write(frame)
        self.size += len(frame)

    def require_space(self, size: int) -> None:
        """Write `size` bytes that no reader parses as an entry, and remove them again. Raises OSError."""
        self._write(b"\xff" * size)
        self._torn = True
        self._cut()

    def _write(self, frame: bytes) -> None:
        """Append and cut off a partial write after an error: entries behind a torn one would be unreadable."""
        if self._torn:
            self._cut()
        try:
            if (written := os.write(self._file, frame)) < len(frame):
                raise OSError(errno.ENOSPC, f"only {written} of {len(frame)} bytes were written")
        except OSError:
            self._torn = True
            self._cut()
            raise

    def _cut(self) -> None:
        os.ftruncate(self._file, self.size)
        self._torn = False

    def sync(self) -> None:
        """Wait until all appended entries are on disk. Blocks."""
        os.fdatasync(self._file)

    def empty(self) -> None:
        """Delete all entries. Raises OSError."""
        os.ftruncate(self._file, 0)
        self.size = 0

    def close(self) -> None:
        os.close(self._file)


def overwrite(path: Path, start: int, entry: bytes) -> None:
    """Replace the entry whose frame begins at `start` by one of equal length; sync it to disk. Blocks.

    Raises OSError.
    """
    frame = _HEAD.pack(len(entry), zlib.crc32(entry)) + entry
    with path.open("r+b") as file:
        file.seek(start)
        file.write(frame)
        file.flush()
        os.fdatasync(file.fileno())


def frame_bytes(entry: bytes) -> int:
    return _HEAD.size + len(entry)


def read_segment(path: Path) -> list[bytes]:
    """Entries of a file, up to the first one that was not written completely."""
    data = path.read_bytes()
    entries: list[bytes] = []
    start = 0
    while start + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, start)
        entry = data[start + _HEAD.size : start + _HEAD.size + length]
        if len(entry) < length or zlib.crc32(entry) != checksum:
            break
        entries.append(entry)
        start += _HEAD.size + length
    if start < len(data):
        log.warning("%s: the last %d bytes were not written to their end", path, len(data) - start)
    return entries
