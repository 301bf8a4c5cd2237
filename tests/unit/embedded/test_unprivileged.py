import os
from pathlib import Path

from libs.embedded.unprivileged import identity_for, is_closed


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


def test_a_folder_is_closed_when_strangers_may_not_pass(tmp_path: Path) -> None:
    stranger = os.getuid() + 1
    tmp_path.chmod(0o700)
    assert is_closed(tmp_path, stranger)
    assert not is_closed(tmp_path, os.getuid())
    tmp_path.chmod(0o711)
    assert not is_closed(tmp_path, stranger)
