"""A logged intent stays until it is withdrawn, whatever happens to the process."""

from pathlib import Path

from libs.adapters.files.spool import IntentLog


def test_what_is_not_taken_back_is_left_for_the_next_process(tmp_path: Path) -> None:
    given = IntentLog(tmp_path / "open")
    given.write("one", b"1")
    given.write("two", b"2")
    given.delete("one")
    assert IntentLog(tmp_path / "open").pending() == {"two": b"2"}


def test_nothing_is_left_where_nothing_was_given(tmp_path: Path) -> None:
    assert IntentLog(tmp_path / "open").pending() == {}


def test_taking_back_twice_is_no_error(tmp_path: Path) -> None:
    given = IntentLog(tmp_path / "open")
    given.write("one", b"1")
    given.delete("one")
    given.delete("one")
    assert given.pending() == {}


def test_an_entry_that_was_not_written_to_its_end_is_none(tmp_path: Path) -> None:
    given = IntentLog(tmp_path / "open")
    given.write("one", b"1")
    (tmp_path / "open" / "two.begun").write_bytes(b"ha")
    assert given.pending() == {"one": b"1"}
    assert [path.name for path in (tmp_path / "open").iterdir()] == ["one"]


def test_nobody_else_on_the_machine_may_read_it(tmp_path: Path) -> None:
    IntentLog(tmp_path / "open").write("one", b"1")
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "open", tmp_path / "open" / "one")]
    assert modes == [0o700, 0o600]
