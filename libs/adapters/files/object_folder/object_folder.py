"""An object store in a folder, with quotas per tenant."""

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from libs.adapters.files.object_folder import records
from libs.core.clock import Clock
from libs.ports.objects import MAX_KEPT_S, NewObject, ObjectError, ObjectKey, StoredObject

_STRAY_S = 3600  # a file that is still being written is younger


@dataclass(frozen=True, slots=True)
class Quota:
    """Limits of one object and of all objects of a tenant; sizes in bytes."""

    object_bytes: int = 20 * 1024 * 1024
    tenant_bytes: int = 200 * 1024 * 1024
    tenant_objects: int = 1000


class ObjectFolder:
    """`ObjectStore` in a folder. Reads and writes run in threads; writes that count a quota run one at a time.

    Several processes may share the folder; their concurrent writes may exceed a tenant's quota.
    """

    def __init__(self, root: Path, clock: Clock, quota: Quota | None = None) -> None:
        self._root = root
        self._clock = clock
        self._quota = quota or Quota()
        self._counting = Lock()

    async def put(self, tenant: str, bucket: str, new: NewObject) -> StoredObject:
        if len(new.body) > self._quota.object_bytes:
            raise ObjectError("too_large", f"bytes of a file: the limit is {self._quota.object_bytes:,}")
        return await asyncio.to_thread(self._put, tenant, bucket, new)

    async def describe(self, place: ObjectKey) -> StoredObject:
        return await asyncio.to_thread(self._described, place)

    async def read(self, place: ObjectKey) -> bytes:
        return await asyncio.to_thread(self._read, place)

    async def keep_until(self, place: ObjectKey, expires_at: float) -> StoredObject:
        return await asyncio.to_thread(self._keep_until, place, expires_at)

    async def sweep(self) -> int:
        return await asyncio.to_thread(self._sweep)

    def _put(self, tenant: str, bucket: str, new: NewObject) -> StoredObject:
        now = self._clock.now()
        place = ObjectKey(tenant, bucket, records.new_name(new.filename))
        path = records.path_of(self._root, place)
        digest = hashlib.sha256(new.body).hexdigest()
        expires_at = now + min(new.keep_s, MAX_KEPT_S)
        stored = StoredObject(
            place=place,
            filename=new.filename,
            content_type=new.content_type,
            size=len(new.body),
            sha256=digest,
            created_at=now,
            expires_at=expires_at,
        )
        with self._counting, _failing():
            self._require_capacity(records.folder_of(self._root, tenant), len(new.body), now)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            records.write_object(path, new.body, stored)
        return stored

    def _require_capacity(self, folder: Path, size: int, now: float) -> None:
        """Remove expired objects; raise ObjectError if the tenant's quota is reached all the same."""
        unexpired = [stored for stored in self._swept(folder, now) if stored]
        if len(unexpired) >= self._quota.tenant_objects:
            raise ObjectError("quota_reached", f"kept files: the limit is {self._quota.tenant_objects:,}")
        if sum(stored.size for stored in unexpired) + size > self._quota.tenant_bytes:
            raise ObjectError("quota_reached", f"bytes of kept files: the limit is {self._quota.tenant_bytes:,}")

    def _swept(self, folder: Path, now: float) -> list[StoredObject | None]:
        """Live objects of a folder, and None for each expired object that was removed."""
        return [self._live_record(record, now) for record in records.records_in(folder)]

    def _live_record(self, record: Path, now: float) -> StoredObject | None:
        stored = records.read_record(record)
        if stored is not None and stored.expires_at > now:
            return stored
        records.remove(record)
        return None

    def _described(self, place: ObjectKey) -> StoredObject:
        path = records.path_of(self._root, place)
        with _failing():
            stored = records.read_record(records.record_of(path))
        if stored is None or stored.place != place or stored.expires_at <= self._clock.now():
            raise ObjectError("no_such_object", "there is no such object, or it is not kept any more")
        return stored

    def _read(self, place: ObjectKey) -> bytes:
        self._described(place)
        with _failing():
            try:
                return records.path_of(self._root, place).read_bytes()
            except FileNotFoundError as error:
                raise ObjectError("no_such_object", "the object is not kept any more") from error

    def _keep_until(self, place: ObjectKey, expires_at: float) -> StoredObject:
        with self._counting, _failing():
            stored = self._described(place)
            latest = min(max(stored.expires_at, expires_at), stored.created_at + MAX_KEPT_S)
            prolonged = replace(stored, expires_at=latest)
            records.write_record(records.path_of(self._root, place), prolonged)
        return prolonged

    def _sweep(self) -> int:
        now = self._clock.now()
        with self._counting, _failing():
            folders = [path for path in self._root.glob("*") if path.is_dir()]
            expired = sum(stored is None for folder in folders for stored in self._swept(folder, now))
            for stray in (path for folder in folders for path in records.strays_in(folder)):
                with suppress(FileNotFoundError):  # another process was faster
                    if stray.stat().st_mtime < now - _STRAY_S:
                        stray.unlink()
        return expired


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ObjectError("store_failed", f"the folder of kept files: {error.strerror}") from error
