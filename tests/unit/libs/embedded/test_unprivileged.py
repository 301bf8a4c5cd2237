import os
from pathlib import Path

from libs.embedded.unprivileged import allow_traversal, identity_for, is_closed


def test_an_ordinary_user_stays_itself(tmp_path: Path, as_user: None) -> None:
    assert identity_for(tmp_path / "data", tmp_path) is None


def test_root_becomes_somebody_else(tmp_path: Path, as_root: None) -> None:
    identity = identity_for(tmp_path / "data", tmp_path)
    assert identity is not None
    assert identity.uid != 0


def test_closed_folders_on_the_way_are_noticed(tmp_path: Path, as_root: None) -> None:
    home = tmp_path / "root-home"
    home.mkdir(mode=0o700)
    identity = identity_for(home / "data", home / "bin")
    assert identity is not None
    assert identity.pass_closed_folders


def test_a_folder_is_closed_when_other_users_may_not_pass(tmp_path: Path) -> None:
    other_uid = os.getuid() + 1
    tmp_path.chmod(0o700)
    gid = tmp_path.stat().st_gid
    assert is_closed(tmp_path, other_uid, gid + 1)
    assert not is_closed(tmp_path, os.getuid(), gid)
    tmp_path.chmod(0o711)
    assert not is_closed(tmp_path, other_uid, gid + 1)
    tmp_path.chmod(0o701)
    assert is_closed(tmp_path, other_uid, gid)


def test_postgres_passes_a_private_data_folder_by_its_group_and_needs_no_capability(
    tmp_path: Path, as_root: None
) -> None:
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o700)
    allow_traversal(data_dir, identity_for(data_dir / "data", tmp_path))
    identity = identity_for(data_dir / "data", tmp_path)
    assert identity is not None
    assert not is_closed(data_dir, identity.uid, identity.gid)
    assert data_dir.stat().st_mode & 0o7777 == 0o710
