"""Creates the data folder for its owner only, whatever the umask."""

import os
import stat
from pathlib import Path

_MARKS = ("embedded.lock", "instances")  # only a data folder has one of these
_OWNER_ONLY = 0o700
_PASSABLE = 0o710  # as root: one group may traverse it to the embedded Postgres, which runs as another user


def make_private_folder(path: Path) -> None:
    """Create a folder of mode 0700 and its missing parents; restrict an older data folder of ours to its owner.

    Leaves an existing folder unchanged if it is shared (sticky), belongs to another user, or holds none of our files.
    Idempotent. Raises OSError.
    """
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode) & (_PASSABLE if os.geteuid() == 0 else _OWNER_ONLY)
    is_ours = status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX
    if is_ours and mode != stat.S_IMODE(status.st_mode) and any((path / mark).exists() for mark in _MARKS):
        path.chmod(mode)
