"""The data folder is closed to other users, and a folder of others is left alone."""

import os
from pathlib import Path

import pytest

from libs.core.private_folder import make_private_folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_new_folder_and_its_new_parents_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_private_folder(tmp_path / "a" / "var")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "var")) == (0o700, 0o700)


@pytest.mark.parametrize("mark", ["embedded.lock", "instances"])
def test_an_older_data_folder_is_closed_to_other_users(tmp_path: Path, mark: str) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / mark).touch()
    make_private_folder(tmp_path)
    assert mode(tmp_path) & 0o067 == 0
    assert mode(tmp_path) & 0o700 == 0o700


def test_a_folder_with_files_of_others_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "holiday.jpg").touch()
    make_private_folder(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_shared_folder_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "embedded.lock").touch()
    make_private_folder(tmp_path)
    assert mode(tmp_path) == 0o1777


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a folder to another user")
def test_a_folder_of_another_user_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "embedded.lock").touch()
    os.chown(tmp_path, 65_534, 65_534)
    make_private_folder(tmp_path)
    assert mode(tmp_path) == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts Postgres as another user")
def test_the_way_of_the_embedded_postgres_stays_open_for_root(tmp_path: Path) -> None:
    tmp_path.chmod(0o710)
    (tmp_path / "embedded.lock").touch()
    make_private_folder(tmp_path)
    assert mode(tmp_path) == 0o710
