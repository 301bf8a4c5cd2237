"""A class data archive for Kafka, made once; it saves a third of the CPU time of each start."""

import asyncio
import hashlib
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from libs.embedded.errors import EmbeddedStoreFailed, log_tail
from libs.embedded.guarded import Guarded
from libs.embedded.kafka.jars import cache_lock
from libs.embedded.ports import free_port
from libs.embedded.store import Folders, Owner, Store

# Java maps the archive into memory instead of reading, checking and linking about 7,000 classes. It is a cache: Java
# runs without an archive that does not match, and writes the reason to Kafka's log. It is stored beside the jars. Its
# name identifies the Java and the jars it was made of, and its size, as a truncated file would crash Java.
_RECORDING: Final = ".class-recording"
_TIMEOUT_S: Final = 180.0
_POLL_S: Final = 0.05
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class ClassArchive:
    """Location of the archive of one Java and one folder of jars, whether or not it exists."""

    folder: Path
    java_place: str
    contents: str

    @classmethod
    def of(cls, jars: Path, java: Path) -> "ClassArchive":
        """The name covers all facts that Java compares before it uses an archive."""
        home = java.resolve().parent.parent
        release = home / "release"
        facts = [release.read_text() if release.exists() else ""]
        for jar in sorted(jars.glob("*.jar")):
            status = jar.stat()
            facts.append(f"{jar.name} {status.st_size} {status.st_mtime_ns}")
        return cls(jars.parent, _digest(f"{jars.name} {home}"), _digest("\n".join(facts)))

    def find(self) -> Path | None:
        """The complete archive, or an empty file if this Java makes none; None if none was made yet."""
        for path in self.folder.glob(f"classes-{self.java_place}-{self.contents}-*.jsa"):
            if path.stem.rpartition("-")[2] == str(path.stat().st_size):
                return path
        return None

    def save(self, recorded: Path) -> Path:
        """Move a finished file to its final name after fsync; delete those of other contents."""
        with recorded.open("rb") as file:
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        for old in self.folder.glob(f"classes-{self.java_place}-*.jsa"):
            old.unlink(missing_ok=True)
        return recorded.rename(self.folder / f"classes-{self.java_place}-{self.contents}-{size}.jsa")


async def class_archive_options(
    jars: Path, java: Path, make_broker: Callable[[Folders], Store], owner: Owner
) -> tuple[str, ...]:
    """Java options for the archive; makes it with a broker in an empty folder if there is none.

    Never fails: without an archive there are no options. Does not retry a Java that makes none.
    """
    try:
        archive = ClassArchive.of(jars, java)
        if (path := archive.find()) is None:
            async with cache_lock(jars.parent):
                path = archive.find() or await _make(archive, make_broker, owner)
        size = path.stat().st_size
    except (EmbeddedStoreFailed, OSError, TimeoutError) as error:
        owner.report(f"kafka: no archive of classes, starts take longer: {error}")
        return ()
    return (f"-XX:SharedArchiveFile={path}", "-XX:+VerifySharedSpaces") if size else ()


async def _make(archive: ClassArchive, make_broker: Callable[[Folders], Store], owner: Owner) -> Path:
    owner.report("kafka: recording the classes of Apache Kafka for faster starts, once")
    folder = archive.folder / _RECORDING
    shutil.rmtree(folder, ignore_errors=True)  # left by a killed process
    folders, recorded = Folders(folder / "home", folder / "kafka.log"), folder / "recorded"
    folders.home.mkdir(parents=True, mode=0o700)
    try:
        await _record(make_broker(folders), recorded, owner)
        if not recorded.exists():
            owner.report(f"kafka: this Java makes no archive of classes, starts take longer:\n{log_tail(folders.log)}")
            recorded.touch()
        return archive.save(recorded)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _record(broker: Store, recorded: Path, owner: Owner) -> None:
    """Start and stop a broker; Java writes the loaded classes as it exits. Raises EmbeddedStoreFailed."""
    await broker.prepare(owner)
    launch = broker.launch(free_port())
    java, *arguments = launch.job.argv
    job = replace(launch.job, argv=(java, f"-XX:ArchiveClassesAtExit={recorded}", *arguments))
    guarded = await Guarded.start(job, owner.keep_open)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            while not await launch.is_ready():
                if guarded.has_ended():
                    raise EmbeddedStoreFailed(f"the broker ended while starting:\n{log_tail(job.log)}")
                await asyncio.sleep(_POLL_S)
            os.kill(guarded.pid, signal.SIGTERM)
            await guarded.wait()
    finally:
        await guarded.stop()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
