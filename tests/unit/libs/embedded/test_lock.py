import os
from pathlib import Path

import pytest

from libs.embedded.errors import DataDirInUse, EmbeddedStoreFailed
from libs.embedded.lock import data_dir_lock, open_lock, try_lock

NO_PROCESS = 2**22 + 1  # above the largest pid of Linux


async def test_a_second_fleet_is_refused_in_one_line_that_names_the_first(tmp_path: Path) -> None:
    async with data_dir_lock(tmp_path):
        with pytest.raises(DataDirInUse) as refused:
            async with data_dir_lock(tmp_path):
                pass
    assert f"in use by process {os.getpid()}" in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_the_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    async with data_dir_lock(tmp_path):
        pass
    async with data_dir_lock(tmp_path):
        assert (tmp_path / "embedded.lock").read_text() == str(os.getpid())


async def test_a_file_left_by_a_killed_fleet_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "embedded.lock").write_text(str(os.getppid()))
    async with data_dir_lock(tmp_path):
        assert (tmp_path / "embedded.lock").read_text() == str(os.getpid())


async def test_the_guards_of_a_dead_owner_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard_fd = open_lock(tmp_path / "embedded.lock")
    assert try_lock(guard_fd)
    os.write(guard_fd, str(NO_PROCESS).encode())

    async def guard_ends(_delay_s: float) -> None:
        os.close(guard_fd)

    monkeypatch.setattr("libs.embedded.lock.asyncio.sleep", guard_ends)
    async with data_dir_lock(tmp_path):
        pass


async def test_a_data_dir_that_cannot_be_made_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedStoreFailed, match="cannot use the folder"):
        async with data_dir_lock(tmp_path / "file" / "data"):
            pass
