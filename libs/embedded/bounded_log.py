"""A log file of bounded size."""

from contextlib import suppress
from pathlib import Path

from libs.embedded.job import LOG_LIMIT_BYTES


class BoundedLog:
    """Appends to a file; a full file becomes `<name>.1`, and a new one starts."""

    def __init__(self, path: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._file = path.open("ab", buffering=0)
        self._size = self._file.tell()

    def write(self, chunk: bytes) -> None:
        """Append. A full disk loses log lines, never stops the store."""
        with suppress(OSError):
            if self._size + len(chunk) > self._limit_bytes:
                self._begin_again()
            self._file.write(chunk)
            self._size += len(chunk)

    def close(self) -> None:
        self._file.close()

    def _begin_again(self) -> None:
        """Rename the full file and open a new one. Raises OSError; the full file then stays open."""
        with suppress(FileNotFoundError):  # an earlier attempt renamed it and could not open a new one
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        fresh = self._path.open("ab", buffering=0)
        self._file.close()
        self._file = fresh
        self._size = 0
