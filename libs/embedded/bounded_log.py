"""A log file that cannot fill the disk."""

from contextlib import suppress
from pathlib import Path

from libs.embedded.job import LOG_LIMIT_BYTES


class BoundedLog:
    """Appends to a file; when it is full, the file becomes `<name>.1` and a new one begins."""

    def __init__(self, path: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._file = path.open("ab", buffering=0)
        self._size = self._file.tell()

    def write(self, chunk: bytes) -> None:
        """Append. A full disk loses log lines, never the store."""
        with suppress(OSError):
            if self._size + len(chunk) > self._limit_bytes:
                self._begin_again()
            self._file.write(chunk)
            self._size += len(chunk)

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _begin_again(self) -> None:
        """Rename the full file and open another one. Raises OSError; then the full one stays open."""
        with suppress(FileNotFoundError):  # renamed before, when no other one could be opened
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        fresh = self._path.open("ab", buffering=0)
        self._file.close()
        self._file = fresh
        self._size = 0
