"""The jars of Apache Kafka, fetched once by Maven and cached."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from libs.embedded.environment import program_environment
from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.guarded import run_to_end
from libs.embedded.job import Job
from libs.embedded.lock import open_lock, try_lock
from libs.embedded.store import Owner

KAFKA_VERSION = "4.3.1"
_POM = Path(__file__).with_name("pom.xml")
_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_FETCH_TIMEOUT_S = 600.0
_POLL_S = 0.2


async def ensure_jars(cache: Path, java: Path, log: Path, owner: Owner) -> Path:
    """The folder with all jars below `cache`; fetches them if it is missing. Several processes may share it.

    Raises EmbeddedStoreFailed if Maven is missing or fails.
    """
    jars = (cache / f"kafka-{KAFKA_VERSION}").resolve()
    if jars.is_dir():
        return jars
    async with cache_lock(cache):
        if not jars.is_dir():
            await _fetch(jars, java, log, owner)
    return jars


async def _fetch(jars: Path, java: Path, log: Path, owner: Owner) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise EmbeddedStoreFailed(
            "MOE_EMBEDDED_KAFKA=kafka needs Maven once, to fetch Apache Kafka: install Maven (the command mvn); "
            "MOE_EMBEDDED_KAFKA=tansu needs nothing"
        )
    owner.report(f"kafka: fetching Apache Kafka {KAFKA_VERSION} with Maven, once")
    fresh = jars.with_name(f"{jars.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    argv = (*_java_for_maven(java), *maven_command(maven, fresh))
    job = Job(argv, log, cwd=jars.parent, env=program_environment())
    await run_to_end(job, _FETCH_TIMEOUT_S, owner.keep_open)
    fresh.rename(jars)


def maven_command(maven: str, target: Path) -> tuple[str, ...]:
    """The command that copies the broker and its runtime dependencies into `target`."""
    return (maven, "-q", "-B", "-f", str(_POM), _GOAL, f"-DoutputDirectory={target}", "-DincludeScope=runtime")


def _java_for_maven(java: Path) -> tuple[str, ...]:
    """Set JAVA_HOME to the wheel's runtime if PATH has no Java."""
    return () if shutil.which("java") else ("env", f"JAVA_HOME={java.parent.parent}")


@asynccontextmanager
async def cache_lock(cache: Path) -> AsyncIterator[None]:
    """Hold the lock of a cache within the block. Waits up to 600 s, since its holder may be fetching jars."""
    fd = open_lock(cache / ".lock")
    try:
        async with asyncio.timeout(_FETCH_TIMEOUT_S):
            await _lock(fd)
        yield
    finally:
        os.close(fd)


async def _lock(fd: int) -> None:
    while True:
        if try_lock(fd):
            return
        await asyncio.sleep(_POLL_S)
