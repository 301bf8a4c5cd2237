"""The user that Postgres runs as when we are root."""

import os
import pwd
import stat
from collections.abc import Iterable
from pathlib import Path

from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.job import Identity

_USER = "nobody"  # initdb wants a user with a name, and this one exists everywhere


def identity_for(paths: Iterable[Path]) -> Identity | None:
    """Return None for an ordinary user, else the user to become to work with these existing paths."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_USER)
    except KeyError as error:
        raise EmbeddedStoreFailed(
            f"Postgres refuses to run as root, and there is no user {_USER}: run as an ordinary user, "
            "or set POSTGRES_CHECKPOINT_URL"
        ) from error
    closed = any(is_closed(folder) for path in paths for folder in path.resolve().parents)
    return Identity(entry.pw_uid, entry.pw_gid, pass_closed_folders=closed)


def is_closed(folder: Path) -> bool:
    """Return whether a stranger may not pass through this folder."""
    return not folder.stat().st_mode & stat.S_IXOTH


def give(path: Path, identity: Identity | None) -> None:
    """Make a file or folder belong to the user that works with it."""
    if identity is not None:
        os.chown(path, identity.uid, identity.gid)
