"""The object store port: temporary files, by tenant and bucket."""

from dataclasses import dataclass
from typing import Literal, Protocol

from libs.core.errors import FleetError

ObjectCode = Literal["no_such_object", "too_large", "quota_reached", "wrong_name", "store_failed"]
MAX_KEPT_S = 168 * 3600
USUALLY_KEPT_S = 24 * 3600


class ObjectError(FleetError):
    """An object cannot be stored or found. `code` is one of `ObjectCode`; the message is one line."""

    def __init__(self, code: ObjectCode, message: str) -> None:
        super().__init__(message, code=code)


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """Key of an object. The store generates `name`, which cannot be guessed."""

    tenant: str
    bucket: str
    name: str


@dataclass(frozen=True, slots=True)
class NewObject:
    """An object to store for `keep_s` seconds. `filename` is a display name, never a path."""

    filename: str
    content_type: str
    body: bytes
    keep_s: int = USUALLY_KEPT_S


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A stored object. Times in Unix seconds; sizes in bytes; `sha256` in hex."""

    place: ObjectKey
    filename: str
    content_type: str
    size: int
    sha256: str
    created_at: float
    expires_at: float


class ObjectStore(Protocol):
    """Stores objects for at most `MAX_KEPT_S` and deletes expired ones."""

    async def put(self, tenant: str, bucket: str, new: NewObject) -> StoredObject:
        """Store an object under a new name. Raises ObjectError. Not idempotent: each call stores another object."""
        ...

    async def describe(self, place: ObjectKey) -> StoredObject:
        """Raises ObjectError(no_such_object)."""
        ...

    async def read(self, place: ObjectKey) -> bytes:
        """Raises ObjectError(no_such_object)."""
        ...

    async def keep_until(self, place: ObjectKey, expires_at: float) -> StoredObject:
        """Extend the lifetime, to at most `MAX_KEPT_S` after creation. Never shortens; idempotent."""
        ...

    async def sweep(self) -> int:
        """Delete expired objects; return how many. Raises ObjectError. Safe to repeat."""
        ...
