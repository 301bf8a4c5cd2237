"""The user that runs Postgres if the fleet runs as root."""

import os
import pwd
import stat
from pathlib import Path

from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.job import Identity

_USER = "nobody"  # initdb needs a named user, and this one exists everywhere

_REFUSAL = "Postgres refuses to run as root"
_WAY_OUT = "run as an ordinary user, or set POSTGRES_CHECKPOINT_URL"


def identity_for(data: Path, program: Path) -> Identity | None:
    """None for an ordinary user, else the user to switch to: the owner of existing data, or `_USER`.

    Raises EmbeddedStoreFailed if the machine has no such user.
    """
    if os.geteuid() != 0:
        return None
    uid, gid = _owner(data) if data.exists() else _nobody()
    closed = any(is_closed(folder, uid, gid) for path in (data, program) for folder in path.resolve().parents)
    return Identity(uid, gid, pass_closed_folders=closed)


def _owner(data: Path) -> tuple[int, int]:
    status = data.stat()
    return status.st_uid, status.st_gid


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam(_USER)
    except KeyError as error:
        raise EmbeddedStoreFailed(f"{_REFUSAL}, and there is no user {_USER}: {_WAY_OUT}") from error
    return entry.pw_uid, entry.pw_gid


def is_closed(folder: Path, uid: int, gid: int) -> bool:
    """True if this user, in this group only, cannot traverse this folder."""
    status = folder.stat()
    if status.st_uid == uid:
        return not status.st_mode & stat.S_IXUSR
    return not status.st_mode & (stat.S_IXGRP if status.st_gid == gid else stat.S_IXOTH)


def allow_traversal(folder: Path, identity: Identity | None) -> None:
    """Let the user's group traverse a private folder of ours, without the right to list or read it.

    Without it Postgres would need the capability to read every file. Raises EmbeddedStoreFailed.
    """
    if identity is None or not is_closed(folder, identity.uid, identity.gid) or folder.stat().st_uid != os.geteuid():
        return
    try:
        os.chown(folder, -1, identity.gid)
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXGRP)
    except OSError as error:
        raise EmbeddedStoreFailed(f"{folder}: cannot be opened to the user of Postgres: {error.strerror}") from error


def change_owner(path: Path, identity: Identity | None) -> None:
    """Change the owner of a file or folder to `identity`, if set. Raises EmbeddedStoreFailed."""
    if identity is None:
        return
    try:
        os.chown(path, identity.uid, identity.gid)
    except OSError as error:  # root of a container or namespace without other users
        raise EmbeddedStoreFailed(f"{_REFUSAL}, and this root may not hand files to {_USER}: {_WAY_OUT}") from error
