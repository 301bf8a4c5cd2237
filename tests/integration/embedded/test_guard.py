"""Guards with small commands instead of stores."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.guarded import Guarded, run_to_end
from libs.embedded.job import LOG_LIMIT_BYTES, Job
from libs.testing.waiting import eventually
from tests.support.embedded.stores import is_gone

pytestmark = pytest.mark.embedded

POLITE = "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done"
STUBBORN = "trap '' TERM; sleep 600 & echo up; while :; do sleep 600; done"


def shell(folder: Path, script: str, grace_s: float = 30.0) -> Job:
    return Job(("/bin/sh", "-c", script), folder / "log", folder, env={"PATH": os.defpath}, grace_s=grace_s)


def guard_of(guarded: Guarded) -> psutil.Process:
    parent = psutil.Process(guarded.pid).parent()
    assert parent is not None
    return parent


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


async def log_says(folder: Path, text: str) -> None:
    await eventually(lambda: text in (folder / "log").read_text(), within_s=30)


async def test_a_command_is_asked_to_stop_before_it_is_killed(tmp_path: Path) -> None:
    guarded = await Guarded.start(shell(tmp_path, POLITE))
    await log_says(tmp_path, "up")
    await guarded.stop()
    assert (tmp_path / "log").read_text() == "up\nbye\n"
    assert guarded.exit_code == 7


async def test_a_command_that_will_not_stop_is_killed_with_its_children(tmp_path: Path) -> None:
    guarded = await Guarded.start(shell(tmp_path, STUBBORN, 0.2))
    await log_says(tmp_path, "up")
    family = [psutil.Process(guarded.pid), *psutil.Process(guarded.pid).children(recursive=True)]
    await guarded.stop()
    assert guarded.exit_code == -signal.SIGKILL
    assert len(family) > 1
    await eventually(lambda: all(map(is_gone, family)), within_s=30)


async def test_stopping_twice_is_stopping_once(tmp_path: Path) -> None:
    guarded = await Guarded.start(shell(tmp_path, "exec sleep 600"))
    await guarded.stop()
    await guarded.stop()
    assert await guarded.wait() == -signal.SIGTERM


async def test_several_tasks_may_wait_for_one_end(tmp_path: Path) -> None:
    guarded = await Guarded.start(shell(tmp_path, "exec sleep 600"))
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(guarded.wait()) for _ in range(3)]
        await asyncio.sleep(0)
        guarded.kill()
    await guarded.stop()
    assert [task.result() for task in waiting] == [-signal.SIGKILL] * 3


async def test_a_command_dies_with_its_guard(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent died")
    guarded = await Guarded.start(shell(tmp_path, "exec sleep 600"))
    command = psutil.Process(guarded.pid)
    guard_of(guarded).kill()
    await eventually(lambda: is_gone(command), within_s=30)
    assert await guarded.wait() is None
    await guarded.stop()


async def test_a_guard_that_is_told_to_end_stops_its_command_first(tmp_path: Path) -> None:
    guarded = await Guarded.start(shell(tmp_path, POLITE))
    await log_says(tmp_path, "up")
    guard_of(guarded).terminate()
    assert await guarded.wait() == 7
    await guarded.stop()
    assert (tmp_path / "log").read_text() == "up\nbye\n"


async def test_the_log_is_bounded_and_never_slows_the_command(tmp_path: Path) -> None:
    script = "import sys; [sys.stdout.write('x' * 1023 + '\\n') for _ in range(20_000)]"
    job = Job((sys.executable, "-c", script), tmp_path / "log", tmp_path, env=None)
    await run_to_end(job, timeout_s=60)
    assert size_of(tmp_path) <= 2 * LOG_LIMIT_BYTES


async def test_the_command_sees_only_the_environment_it_is_given(tmp_path: Path) -> None:
    job = Job(("/usr/bin/env",), tmp_path / "log", tmp_path, env={"ONLY": "this"})
    await run_to_end(job, timeout_s=60)
    assert (tmp_path / "log").read_text() == "ONLY=this\n"


async def test_a_command_that_does_not_exist_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedStoreFailed, match="cannot run /no/such/store"):
        await Guarded.start(Job(("/no/such/store",), tmp_path / "log", tmp_path, env=None))


async def test_a_preparing_command_that_fails_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedStoreFailed, match="failed with exit code 3:\n  disk is broken"):
        await run_to_end(shell(tmp_path, "echo disk is broken; exit 3"), timeout_s=60)


async def test_a_preparing_command_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedStoreFailed, match="did not end within"):
        await run_to_end(shell(tmp_path, "exec sleep 600"), timeout_s=0.5)
