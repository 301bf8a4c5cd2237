"""A full or read-only disk: acknowledged data stays, new work is rejected, freed space is used again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from libs.adapters.files.object_folder import ObjectFolder
from libs.adapters.files.spool import IntentLog, Spool, read_segment
from libs.core.errors import ConfigurationError, Retryable
from libs.embedded.bounded_log import BoundedLog
from libs.ports.objects import NewObject, ObjectError
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.descriptors import no_descriptors
from libs.testing.fake_clock import FakeClock
from libs.testing.small_disk import SmallDisk, small_disk
from libs.testing.waiting import eventually

MEGABYTE = 1 << 20
ENTRY = b"x" * 5000  # more than a page, which exceeds the rest of the last one


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 2 * MEGABYTE) as mounted:
        yield mounted


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.adapters.files.spool.spool.PAUSE_S", 0.01)


def spool_on(disk: SmallDisk) -> Spool[bytes]:
    return Spool(disk.folder / "spool", 10 * MEGABYTE, lambda entry: entry)


def entries_on(disk: SmallDisk) -> list[bytes]:
    return [entry for path in sorted((disk.folder / "spool").glob("*.spool")) for entry in read_segment(path)]


class Log:
    """Takes batches while it is there."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.taken: list[bytes] = []
        self.is_away = is_away

    async def take(self, batch: list[bytes]) -> None:
        if self.is_away:
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


async def test_a_spool_on_a_full_disk_delivers_all_and_refuses_more_until_there_is_space(
    disk: SmallDisk, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    async with spool_on(disk) as spool, delivering(spool, log):
        with disk.full():
            for number in range(3):
                spool.append(b"%d" % number, ENTRY)
            assert "an entry is in memory alone" in caplog.text
            assert await spool.emptied(WAIT_TIMEOUT_S)
            assert not spool.has_capacity  # everything is delivered, and the disk is as full as before
        await eventually(lambda: spool.has_capacity)
    assert log.taken == [b"0", b"1", b"2"]


async def test_what_a_full_disk_refused_is_on_it_as_soon_as_there_is_space(disk: SmallDisk) -> None:
    async with spool_on(disk) as spool, delivering(spool, Log(is_away=True)):
        spool.append(b"before", b"before" + ENTRY)
        with disk.full():
            spool.append(b"refused", b"refused" + ENTRY)
            assert entries_on(disk) == [b"before" + ENTRY]
        await eventually(lambda: spool.has_capacity)
        spool.append(b"after", b"after" + ENTRY)
        assert entries_on(disk) == [name + ENTRY for name in (b"before", b"refused", b"after")]


async def test_a_frame_that_was_cut_by_a_full_disk_hides_nothing_behind_it(disk: SmallDisk) -> None:
    big = b"y" * (3 * MEGABYTE)  # some of it fits
    async with spool_on(disk) as spool:
        spool.append(b"big", big)
        spool.append(b"small", b"small")
        assert entries_on(disk) == ([b"small"] if disk.is_mounted else [big, b"small"])


async def test_a_spool_on_a_read_only_disk_stops_the_start_with_one_line(disk: SmallDisk) -> None:
    with disk.read_only(), pytest.raises(ConfigurationError) as refused:
        await spool_on(disk).__aenter__()
    assert str(refused.value).startswith(f"MOE_DATA_DIR: cannot use {disk.folder / 'spool'}: ")


async def test_an_entry_that_waits_in_memory_alone_can_be_replaced(disk: SmallDisk) -> None:
    log = Log(is_away=True)
    async with spool_on(disk) as spool, delivering(spool, log):
        with disk.full():
            spool.append(b"words of ada", b"words of ada" + ENTRY)
            spool.replace(lambda _: (b"none", b"none"))
        await eventually(lambda: entries_on(disk) == [b"none"])
        log.is_away = False
        assert await spool.emptied(WAIT_TIMEOUT_S)
        assert (log.taken, spool.has_capacity) == ([b"none"], True)


async def test_a_spool_that_stops_on_a_full_disk_reports_what_is_lost(
    disk: SmallDisk, caplog: pytest.LogCaptureFixture
) -> None:
    async with spool_on(disk) as spool:
        spool.append(b"kept", b"kept")
        with disk.full():
            spool.append(b"refused", ENTRY)
    assert entries_on(disk) == [b"kept", ENTRY]  # space was freed before the end
    caplog.clear()
    spool = spool_on(disk)
    await spool.__aenter__()
    with disk.full():
        spool.append(b"lost", ENTRY)
        await spool.__aexit__(None, None, None)
    assert "1 entries in memory alone are lost" in caplog.text


def test_an_intent_that_a_full_disk_refuses_raises_and_takes_no_space(disk: SmallDisk) -> None:
    intents = IntentLog(disk.folder / "open")
    intents.write("one", b"1")
    with disk.full(), pytest.raises(OSError, match=r"space|large"):
        intents.write("two", ENTRY)
    assert [path.name for path in (disk.folder / "open").iterdir()] == ["one"]
    intents.write("two", ENTRY)
    assert intents.pending() == {"one": b"1", "two": ENTRY}


async def test_a_full_disk_keeps_files_that_it_has_and_refuses_others_by_name(disk: SmallDisk) -> None:
    store = ObjectFolder(disk.folder / "files", FakeClock())
    kept = await store.put("a", "files", NewObject("a.bin", "x/y", b"kept"))
    with disk.full():
        with pytest.raises(ObjectError) as refused:
            await store.put("a", "files", NewObject("b.bin", "x/y", ENTRY))
        assert refused.value.code == "store_failed"
        assert await store.read(kept.place) == b"kept"
    assert len([path for path in (disk.folder / "files").rglob("*") if path.is_file()]) == 2
    again = await store.put("a", "files", NewObject("b.bin", "x/y", ENTRY))
    assert await store.read(again.place) == ENTRY


async def test_an_object_without_space_for_its_record_leaves_no_content(disk: SmallDisk) -> None:
    store = ObjectFolder(disk.folder / "files", FakeClock())
    await store.put("a", "files", NewObject("a.bin", "x/y", b"first"))  # its folder exists from here on
    with disk.full():
        disk.free_a_page()
        with pytest.raises(ObjectError) as refused:
            await store.put("a", "files", NewObject("b.bin", "x/y", b"one page"))
        assert refused.value.code == "store_failed"
        assert len([path for path in (disk.folder / "files").rglob("*") if path.is_file()]) == 2


async def test_a_read_only_disk_reads_files_and_names_why_it_takes_none(disk: SmallDisk) -> None:
    clock = FakeClock()
    store = ObjectFolder(disk.folder / "files", clock)
    kept = await store.put("a", "files", NewObject("a.bin", "x/y", b"kept"))
    with disk.read_only():
        assert await store.read(kept.place) == b"kept"
        with pytest.raises(ObjectError, match=r"Read-only file system|Permission denied"):
            await store.put("a", "files", NewObject("b.bin", "x/y", b"b"))
        clock.advance(kept.expires_at - clock.now() + 1)
        with pytest.raises(ObjectError, match=r"Read-only file system|Permission denied"):
            await store.sweep()
    assert await store.sweep() == 1


def test_a_log_on_a_full_disk_loses_lines_and_goes_on_when_there_is_space(disk: SmallDisk) -> None:
    with closing(BoundedLog(disk.folder / "store.log", limit_bytes=10 * MEGABYTE)) as log:
        log.write(b"before\n")
        with disk.full():
            log.write(ENTRY + b"lost\n")
        log.write(b"after\n")
    text = (disk.folder / "store.log").read_bytes()
    assert (text.startswith(b"before\n"), text.endswith(b"after\n"), b"lost" in text) == (True, True, False)


def test_a_log_whose_next_file_cannot_be_opened_goes_on_later(tmp_path: Path) -> None:
    with closing(BoundedLog(tmp_path / "store.log", limit_bytes=12)) as log:
        log.write(b"first line\n")
        with no_descriptors():
            log.write(b"second line\n")
        log.write(b"third line\n")
    assert (tmp_path / "store.log").read_bytes() == b"third line\n"
    assert (tmp_path / "store.log.1").read_bytes() == b"first line\n"


async def test_a_file_whose_record_cannot_be_read_now_is_not_removed(tmp_path: Path) -> None:
    store = ObjectFolder(tmp_path / "files", FakeClock())
    kept = await store.put("a", "files", NewObject("a.bin", "x/y", b"kept"))
    (record,) = (tmp_path / "files").glob("*/*/*.record")
    aside = record.rename(tmp_path / "aside")
    record.symlink_to(record)  # a loop: there, and not readable
    with pytest.raises(ObjectError) as refused:
        await store.sweep()
    assert refused.value.code == "store_failed"
    aside.replace(record)
    assert await store.read(kept.place) == b"kept"
