"""Stores when their owner ends, in every way; and the permitted owners."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
import pytest

from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.embedded.ports import is_free
from libs.embedded.supervisor import Supervisor
from libs.embedded.unprivileged import is_closed
from libs.testing.waiting import eventually
from tests.support.embedded.stores import Heard, children, is_gone

pytestmark = pytest.mark.embedded


@dataclass(frozen=True)
class Fleet:
    """A fleet in a separate process."""

    process: "subprocess.Popen[str]"
    stores: EmbeddedStores
    worker: psutil.Process

    def family(self) -> list[psutil.Process]:
        return [one for one in children(self.process.pid) if one != self.worker]

    def ports(self) -> list[int]:
        urls = (self.stores.kafka, self.stores.redis_url, self.stores.postgres_url, self.stores.model_url)
        return [int(str(url).rpartition(":")[2].partition("/")[0]) for url in urls]


@contextmanager
def fleet_process(data_dir: Path, user: str | None = None) -> Iterator[Fleet]:
    command = [sys.executable, "-m", "tests.support.embedded.fleet_process", str(data_dir)]
    group = None if user is None else pwd.getpwnam(user).pw_gid
    groups: list[int] | None = None if user is None else []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, user=user, group=group, extra_groups=groups
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        worker = psutil.Process(told.pop("worker"))
        try:
            yield Fleet(process, EmbeddedStores(**told), worker)
        finally:
            worker.kill()
            process.kill()


async def test_kill_9_of_the_owner_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    with fleet_process(tmp_path) as fleet:
        family, ports = fleet.family(), fleet.ports()
        assert len(family) >= 8  # four guards, four stores
        assert not any(map(is_free, ports))
        fleet.process.kill()
        await eventually(lambda: all(map(is_gone, family)) and all(map(is_free, ports)), within_s=30)
        assert not is_gone(fleet.worker)  # it holds copies of all descriptors, and yet the guards noticed


async def test_the_next_start_after_kill_9_finds_the_data_and_is_not_blocked(tmp_path: Path) -> None:
    with fleet_process(tmp_path) as fleet:
        connection = await asyncpg.connect(fleet.stores.postgres_url)
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        await connection.close()
        os.kill(fleet.process.pid, signal.SIGKILL)
        fleet.process.wait()
        async with Supervisor(EmbeddedChoice(tmp_path, postgres=True), on_event=Heard().say) as stores:
            connection = await asyncpg.connect(stores.postgres_url)
            assert await connection.fetchval("SELECT answer FROM kept") == 42
            await connection.close()


async def test_an_ordinary_user_runs_all_stores() -> None:
    """As root it runs as the user `nobody`; for other users every test here is this test."""
    folder = Path(tempfile.mkdtemp())
    user = _ordinary_user(folder)
    try:
        with fleet_process(folder / "data", user) as fleet:
            owners = {one.uids().effective for one in fleet.family()}
            assert 0 not in owners
            assert len(owners) == 1
            family = fleet.family()
            assert fleet.process.stdin is not None
            fleet.process.stdin.close()
            await eventually(lambda: all(map(is_gone, family)), within_s=30)
    finally:
        shutil.rmtree(folder)


def _ordinary_user(folder: Path) -> str | None:
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    interpreter = Path(sys.executable)
    if any(
        is_closed(one, entry.pw_uid, entry.pw_gid) for one in (*interpreter.parents, *interpreter.resolve().parents)
    ):
        pytest.skip("the interpreter is in a folder that only root may enter")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return entry.pw_name
