"""The version of the running code: the distribution's version and a hash of the sources."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("libs", "services", "moe")


@cache
def code_version() -> str:
    """`<version>+<12 hex digits of the SHA-256 over all sources>`. Reads the sources once in a process.

    The hash identifies changes of the sources between versions.
    """
    digest = hashlib.sha256()
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return f"{version('sovereign-fleet')}+{digest.hexdigest()[:12]}"
