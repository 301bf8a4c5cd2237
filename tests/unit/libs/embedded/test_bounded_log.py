from contextlib import closing
from pathlib import Path

from libs.embedded.bounded_log import BoundedLog
from libs.embedded.errors import TAIL_LINES, log_tail


def test_a_log_never_grows_beyond_twice_its_limit(tmp_path: Path) -> None:
    with closing(BoundedLog(tmp_path / "store.log", limit_bytes=1000)) as log:
        for _ in range(100):
            log.write(b"x" * 100)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 2000


def test_the_newest_lines_are_kept(tmp_path: Path) -> None:
    with closing(BoundedLog(tmp_path / "store.log", limit_bytes=10)) as log:
        log.write(b"old\n")
        log.write(b"new line\n")
    assert (tmp_path / "store.log").read_text() == "new line\n"
    assert (tmp_path / "store.log.1").read_text() == "old\n"


def test_a_restart_adds_to_the_log_of_the_crash(tmp_path: Path) -> None:
    for line in (b"crash\n", b"start\n"):
        with closing(BoundedLog(tmp_path / "store.log")) as log:
            log.write(line)
    assert (tmp_path / "store.log").read_text() == "crash\nstart\n"


def test_an_error_shows_the_last_lines_alone(tmp_path: Path) -> None:
    (tmp_path / "store.log").write_text("".join(f"line {number}\n" for number in range(100)))
    shown = log_tail(tmp_path / "store.log").splitlines()
    assert len(shown) == TAIL_LINES
    assert shown[-1] == "  line 99"


def test_a_missing_log_is_said_to_be_empty(tmp_path: Path) -> None:
    assert "empty" in log_tail(tmp_path / "none.log")
