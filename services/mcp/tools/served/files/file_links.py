"""Parts that the tools of this family share: file store, signed links, and translated errors."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from libs.core.clock import Clock
from libs.ports.objects import NewObject, ObjectError, ObjectKey, ObjectStore, StoredObject
from services.mcp.contract import ErrorCode, ToolError
from services.mcp.tools.served.files.links import DownloadLinks
from services.mcp.tools.served.files.models import KeptFile
from services.mcp.tools.served.web.site import instant

T = TypeVar("T")
_CODES: dict[str, ErrorCode] = {
    "no_such_object": "not_found",
    "too_large": "limit_exceeded",
    "quota_reached": "limit_exceeded",
    "store_failed": "unavailable",
}


@dataclass(frozen=True)
class FileLinks:
    """Keeps files and hands out links. Raises ToolError."""

    store: ObjectStore
    links: DownloadLinks
    clock: Clock

    async def store_file(self, tenant: str, bucket: str, new: NewObject) -> KeptFile:
        """Store a file and return it with a link that is valid as long as the file is stored."""
        stored = await translated(self.store.put(tenant, bucket, new))
        return self.as_model(stored, stored.expires_at)

    async def link(self, place: ObjectKey, seconds: int) -> KeptFile:
        """A file with a link, and its lifetime; at most a week after the upload."""
        until = self.clock.now() + seconds
        stored = await translated(self.store.keep_until(place, until))
        return self.as_model(stored, min(until, stored.expires_at))

    def as_model(self, stored: StoredObject, expires_at: float) -> KeptFile:
        return KeptFile(
            object_name=stored.place.name,
            bucket=stored.place.bucket,
            filename=stored.filename,
            content_type=stored.content_type,
            bytes=stored.size,
            sha256=stored.sha256,
            url=self.links.make(stored.place, expires_at),
            url_expires_at=instant(expires_at),
            kept_until=instant(stored.expires_at),
        )


async def translated(call: Awaitable[T]) -> T:
    """Result of a store call. Raises ToolError."""
    try:
        return await call
    except ObjectError as error:
        raise ToolError(_CODES.get(error.code, "invalid_argument"), str(error)) from error
