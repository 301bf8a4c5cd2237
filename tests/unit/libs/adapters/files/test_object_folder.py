"""Kept files: stored content is returned unchanged, to its tenant alone, and until it expires."""

import asyncio
import os
from pathlib import Path

import pytest

from libs.adapters.files.object_folder import ObjectFolder, Quota
from libs.ports.objects import MAX_KEPT_S, NewObject, ObjectError, ObjectKey, StoredObject
from libs.testing.fake_clock import FakeClock

DAY_S = 24 * 3600
NOTE = NewObject("note.txt", "text/plain", b"hello")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> ObjectFolder:
    return ObjectFolder(tmp_path / "files", clock, Quota(object_bytes=100, tenant_bytes=250, tenant_objects=5))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def file_of(folder: Path, stored: StoredObject) -> Path:
    return next(path for path in files_in(folder) if path.name == stored.place.name)


async def refused(asked: object) -> str:
    with pytest.raises(ObjectError) as caught:
        await asked  # type: ignore[misc]  # any of the store's calls
    return str(caught.value.code)


async def test_what_is_put_can_be_read(store: ObjectFolder, clock: FakeClock) -> None:
    stored = await store.put("a", "files", NOTE)
    assert await store.read(stored.place) == b"hello"
    assert await store.describe(stored.place) == stored
    assert (stored.size, stored.expires_at) == (5, clock.now() + DAY_S)
    assert stored.place.name.endswith(".txt")


async def test_no_other_tenant_and_no_other_bucket_has_it(store: ObjectFolder) -> None:
    stored = await store.put("a", "files", NOTE)
    assert await refused(store.read(ObjectKey("b", "files", stored.place.name))) == "no_such_object"
    assert await refused(store.read(ObjectKey("a", "other", stored.place.name))) == "no_such_object"


async def test_a_record_that_was_moved_to_another_tenant_is_not_believed(store: ObjectFolder, tmp_path: Path) -> None:
    stored = await store.put("a", "files", NOTE)
    other = await store.put("b", "files", NOTE)
    ours, theirs = (file_of(tmp_path, s) for s in (stored, other))
    ours.rename(theirs.with_name(ours.name))
    record = ours.with_name(ours.name + ".record")
    record.rename(theirs.with_name(record.name))
    assert await refused(store.read(ObjectKey("b", "files", stored.place.name))) == "no_such_object"


@pytest.mark.parametrize("name", ["../x", "x", "", "/etc/passwd", "0" * 32 + "/../x", "0" * 32 + ".RECORD", "a\0b"])
async def test_names_that_we_never_gave_are_refused(store: ObjectFolder, name: str) -> None:
    assert await refused(store.read(ObjectKey("a", "files", name))) == "no_such_object"


@pytest.mark.parametrize("bucket", ["..", "", "A", "a/b", "-a", "a" * 41, "a.b"])
async def test_buckets_are_plain_names(store: ObjectFolder, bucket: str) -> None:
    assert await refused(store.put("a", bucket, NOTE)) == "wrong_name"


async def test_a_tenants_name_is_never_a_path(store: ObjectFolder, tmp_path: Path) -> None:
    await store.put("../../escaped", "files", NOTE)
    assert [path.parent.name for path in files_in(tmp_path) if path.suffix == ".txt"] == ["files"]
    assert not list(tmp_path.parent.glob("escaped*"))


async def test_after_a_day_it_is_gone(store: ObjectFolder, clock: FakeClock, tmp_path: Path) -> None:
    stored = await store.put("a", "files", NOTE)
    clock.advance(DAY_S)
    assert await refused(store.read(stored.place)) == "no_such_object"
    assert await store.sweep() == 1
    assert files_in(tmp_path) == []


async def test_it_is_kept_longer_when_asked_but_never_over_a_week(store: ObjectFolder, clock: FakeClock) -> None:
    stored = await store.put("a", "files", NOTE)
    assert (await store.keep_until(stored.place, clock.now() + 3 * DAY_S)).expires_at == clock.now() + 3 * DAY_S
    assert (await store.keep_until(stored.place, clock.now() + 1)).expires_at == clock.now() + 3 * DAY_S
    clock.advance(2 * DAY_S)
    prolonged = await store.keep_until(stored.place, clock.now() + 100 * DAY_S)
    assert prolonged.expires_at == stored.created_at + MAX_KEPT_S
    long = await store.put("a", "files", NewObject("a", "text/plain", b"", keep_s=10**9))
    assert long.expires_at == clock.now() + MAX_KEPT_S


async def test_quotas_hold_for_each_tenant_by_itself(store: ObjectFolder) -> None:
    large = NewObject("a", "text/plain", bytes(100))
    assert await refused(store.put("a", "files", NewObject("a", "text/plain", bytes(101)))) == "too_large"
    await store.put("a", "files", large)
    await store.put("a", "other", large)
    assert await refused(store.put("a", "files", large)) == "quota_reached"
    await store.put("b", "files", large)
    for _ in range(3):
        await store.put("a", "files", NewObject("a", "text/plain", b""))
    assert await refused(store.put("a", "files", NewObject("a", "text/plain", b""))) == "quota_reached"


async def test_an_expired_object_frees_its_quota(store: ObjectFolder, clock: FakeClock) -> None:
    for _ in range(5):
        await store.put("a", "files", NOTE)
    assert await refused(store.put("a", "files", NOTE)) == "quota_reached"
    clock.advance(DAY_S)
    assert (await store.put("a", "files", NOTE)).expires_at > clock.now()


async def test_quotas_hold_when_many_come_at_once(store: ObjectFolder) -> None:
    puts = [store.put("a", "files", NOTE) for _ in range(20)]
    outcomes = await asyncio.gather(*puts, return_exceptions=True)
    assert sum(isinstance(outcome, StoredObject) for outcome in outcomes) == 5


async def test_what_an_ended_process_left_is_swept(store: ObjectFolder, clock: FakeClock, tmp_path: Path) -> None:
    stored = await store.put("a", "files", NOTE)
    left = file_of(tmp_path, stored).with_name(".half.1234")
    left.write_bytes(b"x")
    os.utime(left, (clock.now() - 7200, clock.now() - 7200))
    await store.sweep()
    assert not left.exists()
    assert await store.read(stored.place) == b"hello"


async def test_files_are_for_their_owner_alone(store: ObjectFolder, tmp_path: Path) -> None:
    stored = await store.put("a", "files", NOTE)
    assert file_of(tmp_path, stored).stat().st_mode & 0o077 == 0


async def test_a_disk_that_refuses_is_told(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "files").write_text("no folder")
    store = ObjectFolder(tmp_path / "files", clock)
    assert await refused(store.put("a", "files", NOTE)) == "store_failed"
    assert await store.sweep() == 0
