"""The folders of Python itself, as a cell may read them."""

import sysconfig
from pathlib import Path

from services.mcp.sandbox.rootfs import Folder

STANDARD_LIBRARY = sysconfig.get_path("stdlib")


def standard_library() -> tuple[Folder, ...]:
    """Return the standard library; modules that are loaded beforehand are there without it."""
    return (Folder(STANDARD_LIBRARY, STANDARD_LIBRARY, needed=False),)


def installed_packages() -> tuple[str, ...]:
    """Return where packages may be installed inside the standard library: nobody needs to know which there are."""
    return tuple(str(Path(STANDARD_LIBRARY, name)) for name in ("site-packages", "dist-packages"))
