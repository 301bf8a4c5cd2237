"""The archive of Kafka's classes: made once for a Java and its jars, and never needed."""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from libs.embedded.choice import EmbeddedStores
from libs.embedded.job import Job
from libs.embedded.kafka.class_archive import ClassArchive, class_archive_options
from libs.embedded.store import Folders, Launch, Owner, StoreName
from libs.testing.waiting import eventually

# Behaviour of a broker: becomes ready, waits for SIGTERM, and writes the archive as it ends.
WRITES = """
import pathlib, signal, sys
def end(*_):
    pathlib.Path(sys.argv[1].partition("=")[2]).write_bytes(b"classes")
    sys.exit(143)
signal.signal(signal.SIGTERM, end)
pathlib.Path("ready").touch()
signal.pause()
"""
WRITES_NOTHING = WRITES.replace(
    'pathlib.Path(sys.argv[1].partition("=")[2]).write_bytes(b"classes")', "print('no base')"
)
FAILS = "print('no memory'); raise SystemExit(1)"
NEVER_READY = """
import os, pathlib, signal
pathlib.Path("pid").write_text(str(os.getpid()))
signal.pause()
"""


@dataclass
class Brokers:
    """Makes brokers that run a program instead of Java."""

    program: str = WRITES
    made: list[Folders] = field(default_factory=list)
    published: list[str] = field(default_factory=list)

    def make(self, folders: Folders) -> "_Broker":
        self.made.append(folders)
        return _Broker(folders, self.program)

    async def options(self, jars: Path, java: Path) -> tuple[str, ...]:
        return await class_archive_options(jars, java, self.make, Owner(self.published.append))


@dataclass
class _Broker:
    folders: Folders
    program: str
    name: StoreName = "kafka"
    ready_within_s: float = 60.0

    async def prepare(self, owner: Owner) -> None:
        """Needs nothing."""

    def launch(self, _port: int) -> Launch:
        interpreter = self.folders.home / "java"
        script = self.folders.home / "broker.py"
        script.write_text(self.program)
        interpreter.write_text(f'#!/bin/sh\nexec {sys.executable} -S {script} "$@"\n')
        interpreter.chmod(0o755)

        async def is_ready() -> bool:
            return (self.folders.home / "ready").exists()

        job = Job((str(interpreter), "-cp", "jars"), self.folders.log, self.folders.home, env=None)
        return Launch(job, is_ready, (), EmbeddedStores())


@pytest.fixture
def jars(tmp_path: Path) -> Path:
    folder = tmp_path / "cache" / "kafka-1"
    folder.mkdir(parents=True)
    (folder / "kafka.jar").write_bytes(b"code")
    return folder


@pytest.fixture
def java(tmp_path: Path) -> Path:
    return java_of(tmp_path / "java-17", "17.0.15")


def java_of(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True, exist_ok=True)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return home / "bin" / "java"


def archives(jars: Path) -> list[str]:
    return sorted(path.name for path in jars.parent.iterdir() if path.suffix == ".jsa")


async def test_an_archive_is_made_once_and_used_by_every_start(jars: Path, java: Path) -> None:
    brokers = Brokers()
    first = await brokers.options(jars, java)
    (name,) = archives(jars)
    assert first == (f"-XX:SharedArchiveFile={jars.parent / name}", "-XX:+VerifySharedSpaces")
    assert (jars.parent / name).read_bytes() == b"classes"
    assert await brokers.options(jars, java) == first
    assert len(brokers.made) == 1
    assert not brokers.made[0].home.exists()


@pytest.mark.parametrize("change", ["another jar", "a changed jar", "another version of Java"])
async def test_other_contents_have_an_archive_of_their_own_in_the_place_of_the_old_one(
    change: str, jars: Path, java: Path, tmp_path: Path
) -> None:
    brokers = Brokers()
    before = await brokers.options(jars, java)
    match change:
        case "another jar":
            (jars / "more.jar").write_bytes(b"more")
        case "a changed jar":
            os.utime(jars / "kafka.jar", ns=(1, 1))
        case _:
            java_of(tmp_path / "java-17", "17.0.16")
    assert await brokers.options(jars, java) != before
    assert (len(brokers.made), len(archives(jars))) == (2, 1)


async def test_two_javas_have_an_archive_each(jars: Path, java: Path, tmp_path: Path) -> None:
    brokers, other = Brokers(), java_of(tmp_path / "java-25", "25.0.2")
    both = [await brokers.options(jars, java), await brokers.options(jars, other)]
    assert [await brokers.options(jars, java), await brokers.options(jars, other)] == both
    assert (len(brokers.made), len(archives(jars))) == (2, 2)


async def test_a_file_that_was_cut_off_is_not_used(jars: Path, java: Path) -> None:
    brokers = Brokers()
    before = await brokers.options(jars, java)
    (jars.parent / archives(jars)[0]).write_bytes(b"class")
    assert await brokers.options(jars, java) == before
    assert ClassArchive.of(jars, java).find() is not None
    assert len(brokers.made) == 2


async def test_a_java_that_makes_no_archive_is_not_tried_again(jars: Path, java: Path) -> None:
    brokers = Brokers(WRITES_NOTHING)
    assert await brokers.options(jars, java) == ()
    assert "this Java makes no archive of classes, starts take longer:\n  no base" in brokers.published[-1]
    assert await brokers.options(jars, java) == ()
    assert len(brokers.made) == 1


async def test_a_broker_that_fails_while_it_is_recorded_stops_no_start(jars: Path, java: Path) -> None:
    brokers = Brokers(FAILS)
    assert await brokers.options(jars, java) == ()
    assert (
        "no archive of classes, starts take longer: the broker ended while starting:\n  no memory"
        in brokers.published[-1]
    )
    brokers.program = WRITES
    assert await brokers.options(jars, java) != ()


async def test_a_start_that_is_interrupted_ends_the_broker_that_is_recorded(jars: Path, java: Path) -> None:
    brokers = Brokers(NEVER_READY)
    starting = asyncio.get_running_loop().create_task(brokers.options(jars, java))
    await eventually(lambda: bool(brokers.made) and pid_of(brokers) > 0)
    pid = pid_of(brokers)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not psutil.pid_exists(pid)
    assert archives(jars) == []


def pid_of(brokers: Brokers) -> int:
    file = brokers.made[0].home / "pid"
    return int(file.read_text() or "0") if file.exists() else 0


async def test_a_cache_that_cannot_be_written_stops_no_start(jars: Path, java: Path) -> None:
    brokers = Brokers()
    (jars.parent / ".class-recording").symlink_to(
        jars.parent / ".class-recording"
    )  # not even root makes a folder there
    assert await brokers.options(jars, java) == ()
    assert "no archive of classes, starts take longer" in brokers.published[-1]
