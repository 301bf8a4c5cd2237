"""A spool keeps appended entries until they are delivered, whatever happens to the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from libs.adapters.files.spool import Segment, Spool, read_segment
from libs.core.errors import Retryable

CAPACITY = 1000
PATIENCE_S = 60.0  # a disk may have other work


def spool_in(folder: Path, capacity: int = CAPACITY) -> Spool[bytes]:
    return Spool(folder, capacity, lambda entry: entry)


class Log:
    """Accepts batches after a given number of rejections."""

    def __init__(self, refusals: int = 0) -> None:
        self.taken: list[bytes] = []
        self.refusals = refusals

    async def take(self, batch: list[bytes]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Retryable("away")
        self.taken += batch


@asynccontextmanager
async def delivering(spool: Spool[bytes], log: Log) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(spool.deliver(log.take))
        try:
            yield
        finally:
            task.cancel()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.spool") if path.stat().st_size]


async def test_what_is_appended_is_delivered_in_order(tmp_path: Path) -> None:
    log = Log()
    async with spool_in(tmp_path) as spool, delivering(spool, log):
        for entry in (b"a", b"b", b"c"):
            spool.append(entry, entry)
        assert await spool.emptied(PATIENCE_S)
    assert log.taken == [b"a", b"b", b"c"]


async def test_what_is_delivered_leaves_nothing_behind(tmp_path: Path) -> None:
    async with spool_in(tmp_path) as spool, delivering(spool, Log()):
        spool.append(b"a", b"a")
        assert await spool.emptied(PATIENCE_S)
    assert names(tmp_path) == []


async def test_what_is_not_delivered_waits_for_the_next_process(tmp_path: Path) -> None:
    async with spool_in(tmp_path) as spool:
        spool.append(b"a", b"a")
        spool.append(b"b", b"b")
    log = Log()
    async with spool_in(tmp_path) as spool, delivering(spool, log):
        assert await spool.emptied(PATIENCE_S)
    assert (log.taken, files(tmp_path)) == ([b"a", b"b"], [])


async def test_a_log_that_is_away_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.adapters.files.spool.spool.PAUSE_S", 0.01)
    log = Log(refusals=2)
    async with spool_in(tmp_path) as spool, delivering(spool, log):
        spool.append(b"a", b"a")
        assert await spool.emptied(PATIENCE_S)
    assert log.taken == [b"a"]


async def test_there_is_no_capacity_for_more_than_may_wait(tmp_path: Path) -> None:
    async with spool_in(tmp_path, capacity=3) as spool:
        assert spool.has_capacity
        spool.append(b"abc", b"abc")
        assert not spool.has_capacity


async def test_an_entry_that_was_torn_is_left_out(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "1.spool")
    segment.append(b"whole")
    segment.append(b"torn")
    segment.close()
    with (tmp_path / "1.spool").open("r+b") as file:
        file.truncate(segment.size - 1)
    assert read_segment(tmp_path / "1.spool") == [b"whole"]


async def test_an_entry_that_was_changed_is_left_out(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "1.spool")
    segment.append(b"entry")
    segment.close()
    data = (tmp_path / "1.spool").read_bytes()
    (tmp_path / "1.spool").write_bytes(data[:-1] + b"X")
    assert read_segment(tmp_path / "1.spool") == []


async def test_nobody_else_may_read_a_segment(tmp_path: Path) -> None:
    Segment(tmp_path / "1.spool").close()
    assert (tmp_path / "1.spool").stat().st_mode & 0o777 == 0o600


async def test_a_disk_that_takes_nothing_stops_what_comes_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(segment: Segment, entry: bytes) -> None:
        raise OSError("no space left")

    log = Log()
    async with spool_in(tmp_path) as spool:
        with monkeypatch.context() as patched:
            patched.setattr(Segment, "append", full)
            spool.append(b"a", b"a")
        assert not spool.has_capacity
        async with delivering(spool, log):
            assert await spool.emptied(PATIENCE_S)
        assert spool.has_capacity
    assert log.taken == [b"a"]


async def test_segments_change_while_entries_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.adapters.files.spool.spool.SEGMENT_BYTES", 10)
    monkeypatch.setattr("libs.adapters.files.spool.spool.BATCH", 2)
    log = Log()
    entries = [b"%03d" % number for number in range(20)]
    async with spool_in(tmp_path) as spool:
        for entry in entries:
            spool.append(entry, entry)
        async with delivering(spool, log):
            assert await spool.emptied(PATIENCE_S)
        assert len(names(tmp_path)) == 1
    assert log.taken == entries


async def test_whoever_waits_for_it_to_be_empty_is_told_when_it_is_not(tmp_path: Path) -> None:
    async with spool_in(tmp_path) as spool:
        spool.append(b"a", b"a")
        with suppress(TimeoutError):
            assert not await spool.emptied(0.01)


async def test_an_entry_is_replaced_in_memory_and_on_disk_and_others_stay(tmp_path: Path) -> None:
    async with spool_in(tmp_path) as spool:
        for entry in (b"words of ada", b"words of bob"):
            spool.append(entry, entry)
    log = Log()
    async with spool_in(tmp_path) as spool:  # of an earlier process
        spool.append(b"new words of ada", b"new words of ada")
        spool.replace(lambda item: (b"none", b"none") if b"ada" in item else None)
        assert b"of ada" not in b"".join(path.read_bytes() for path in files(tmp_path))
        entries = [entry for path in sorted(files(tmp_path)) for entry in read_segment(path)]
        assert [entry.rstrip() for entry in entries] == [b"none", b"words of bob", b"none"]
        async with delivering(spool, log):
            assert await spool.emptied(PATIENCE_S)
    assert log.taken == [b"none", b"words of bob", b"none"]


async def test_an_entry_that_a_longer_one_replaces_is_blank_on_disk(tmp_path: Path) -> None:
    async with spool_in(tmp_path) as spool:
        spool.append(b"words", b"words")
        spool.replace(lambda _: (b"longer", b"longer"))
        assert [entry for path in files(tmp_path) for entry in read_segment(path)] == [b" " * 5]
