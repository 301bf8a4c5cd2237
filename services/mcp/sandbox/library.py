"""Folders of Python itself, as a sandbox may read them."""

import sysconfig
from pathlib import Path

from services.mcp.sandbox.rootfs import Folder

STANDARD_LIBRARY = sysconfig.get_path("stdlib")


def standard_library() -> tuple[Folder, ...]:
    """Optional for a sandbox: modules that are loaded beforehand work without it."""
    return (Folder(STANDARD_LIBRARY, STANDARD_LIBRARY, needed=False),)


def installed_packages() -> tuple[str, ...]:
    """Package folders inside the standard library, to be masked: programs need not see which packages are installed."""
    return tuple(str(Path(STANDARD_LIBRARY, name)) for name in ("site-packages", "dist-packages"))
