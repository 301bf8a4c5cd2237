"""Files that only their owner can read."""

import os
import secrets
from pathlib import Path

_SECRET_BYTES = 24


def new_secret() -> str:
    """A random password, safe inside a URL."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def write_private(path: Path, text: str) -> None:
    """Write `text` with mode 0600, atomically."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
