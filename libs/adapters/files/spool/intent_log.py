"""Entries that stand until they are taken back, one file each: what is to be said if nobody comes to take it back."""

import os
from pathlib import Path


class IntentLog:
    """A folder of its own; one process at a time. Mode 0600: entries hold what people said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, entry: bytes) -> None:
        """Keep an entry; returning means that it is on the disk. Blocks. Raises OSError."""
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
        """Forget an entry; that there is none is no error."""
        (self._folder / name).unlink(missing_ok=True)

    def pending(self) -> dict[str, bytes]:
        """Return what an earlier process gave and did not take back, by name. Blocks."""
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
