"""The file of the history."""

from pathlib import Path

from libs.testing.fake_clock import FakeClock
from tests.chaos.history import Entry, History, Seen, read_history


def test_what_was_added_can_be_read_before_the_file_is_closed(tmp_path: Path) -> None:
    clock = FakeClock(1000.0)
    with History(tmp_path / "history.jsonl", clock) as history:
        history.add("client-1", "stream", "invoke", seen=Seen("#a1"))
        clock.advance(2.5)
        history.add("client-1", "stream", "ok", seen=Seen("#a1", "chatcmpl-1", "täglich\nneu"))
        read = read_history(history.path.read_text().splitlines())
    assert read == (
        Entry(1000.0, "client-1", "stream", "invoke", "#a1"),
        Entry(1002.5, "client-1", "stream", "ok", "#a1", "chatcmpl-1", "täglich\nneu"),
    )
    assert list(read) == history.entries
