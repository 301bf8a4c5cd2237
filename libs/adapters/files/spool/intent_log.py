"""A write-ahead log of intents, one file each: pending entries are recovered after a crash."""

import os
from pathlib import Path


class IntentLog:
    """Needs a folder of its own and one process at a time. Mode 0600: entries hold content of users."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, entry: bytes) -> None:
        """Store an entry; it is on disk at the return. Blocks. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / name
        begun = path.with_suffix(".begun")
        try:
            with open(begun, "xb", opener=_private) as file:
                file.write(entry)
                file.flush()
                os.fsync(file.fileno())
            begun.rename(path)
        except OSError:
            begun.unlink(missing_ok=True)  # a full disk has no space to lose
            raise
        self._sync_folder()

    def delete(self, name: str) -> None:
        """Idempotent."""
        (self._folder / name).unlink(missing_ok=True)

    def pending(self) -> dict[str, bytes]:
        """Entries that an earlier process did not delete, by name. Blocks."""
        if not self._folder.is_dir():
            return {}
        for begun in self._folder.glob("*.begun"):
            begun.unlink()
        return {path.name: path.read_bytes() for path in sorted(self._folder.iterdir())}

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
