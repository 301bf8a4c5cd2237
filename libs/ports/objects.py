"""Files that are kept for a while: put, got and gone, by tenant and bucket."""

from dataclasses import dataclass
from typing import Literal, Protocol

from libs.core.errors import FleetError

ObjectCode = Literal["no_such_object", "too_large", "quota_reached", "wrong_name", "store_failed"]
MAX_KEPT_S = 168 * 3600
USUALLY_KEPT_S = 24 * 3600


class ObjectError(FleetError):
    """An object cannot be kept or found. `code` is one of `ObjectCode`; the message is one line."""

    def __init__(self, code: ObjectCode, message: str) -> None:
        super().__init__(message, code=code)


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """Where an object is. `name` is given by the store and cannot be guessed."""

    tenant: str
    bucket: str
    name: str


@dataclass(frozen=True, slots=True)
class NewObject:
    """What is to be kept, and for how many seconds. `filename` is what people call it; it is never a path."""

    filename: str
    content_type: str
    body: bytes
    keep_s: int = USUALLY_KEPT_S


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What is kept. Times in Unix seconds; sizes in bytes; `sha256` in hex."""

    place: ObjectKey
    filename: str
    content_type: str
    size: int
    sha256: str
    created_at: float
    expires_at: float


class ObjectStore(Protocol):
    """Keeps objects, none longer than `MAX_KEPT_S`, and takes away those whose time has come."""

    async def put(self, tenant: str, bucket: str, new: NewObject) -> StoredObject:
        """Keep an object under a new name. Raises ObjectError. Repeating it makes a second one."""
        ...

    async def describe(self, place: ObjectKey) -> StoredObject:
        """Return what is kept there. Raises ObjectError(no_such_object)."""
        ...

    async def read(self, place: ObjectKey) -> bytes:
        """Return the content. Raises ObjectError(no_such_object)."""
        ...

    async def keep_until(self, place: ObjectKey, expires_at: float) -> StoredObject:
        """Keep an object longer, at most `MAX_KEPT_S` from when it came. Never shortens; may be repeated."""
        ...

    async def sweep(self) -> int:
        """Take away what is too old; return how many there were. Raises ObjectError. May be repeated."""
        ...
