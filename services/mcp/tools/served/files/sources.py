"""Sources of files to read: the web, or the file store. Raises ToolError."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from libs.ports.fetching import Fetcher, FetchRequest
from libs.ports.objects import ObjectKey
from services.mcp.contract import Caller, ErrorCode, ToolError
from services.mcp.tools.served.documents.jobs import MAX_DOCUMENT_BYTES
from services.mcp.tools.served.files.file_links import FileLinks, translated
from services.mcp.tools.served.web.site import fetched

AT_ONCE = 4  # files in memory, each twice for a moment
MOST_WAITING = 16
_OK = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its bytes and declared type. `source` is a URL without its query, or the name in the store."""

    body: bytes
    filename: str
    content_type: str
    source: str


@dataclass(frozen=True)
class Sources:
    """`web` and `file_links` are None if not configured; `no_web` and `no_links` state the reason."""

    web: Fetcher | None
    file_links: FileLinks | None
    no_web: str | None
    no_links: str | None
    _turns: FairSemaphore = field(default_factory=lambda: FairSemaphore(AT_ONCE, MOST_WAITING))

    @asynccontextmanager
    async def turn(self, caller: Caller) -> AsyncIterator[None]:
        """Acquire a permit to fetch and read a file. Raises ToolError `busy`."""
        try:
            async with self._turns.permit(caller.tenant):
                yield
        except TooManyWaiters as error:
            raise ToolError("busy", f"files that wait to be read: the limit is {MOST_WAITING}") from error

    async def from_url(self, url: str, caller: Caller) -> Found:
        """Content of a URL. A link of this service is resolved without the web, for its own tenant."""
        token = self.file_links.links.token_in(url) if self.file_links is not None else None
        if self.file_links is not None and token is not None:
            place = self.file_links.links.read(token, self.file_links.clock.now())
            if place is None or place.tenant != caller.tenant:
                raise ToolError("not_found", "url: there is no such file, or the link has expired")
            return await self._stored(self.file_links, place)
        return await self._fetched(url)

    async def from_store(self, place: ObjectKey) -> Found:
        if self.file_links is None:
            raise ToolError("unavailable", self.no_links or "")
        return await self._stored(self.file_links, place)

    async def _stored(self, links: FileLinks, place: ObjectKey) -> Found:
        stored = await translated(links.store.describe(place))
        body = await translated(links.store.read(place))
        return Found(body, stored.filename, stored.content_type, stored.place.name)

    async def _fetched(self, url: str) -> Found:
        if self.web is None:
            raise ToolError("unavailable", self.no_web or "")
        answer = await fetched(self.web, FetchRequest(url, max_bytes=MAX_DOCUMENT_BYTES), "the page", by_user=True)
        if answer.status != _OK:
            code: ErrorCode = "not_found" if answer.status in (404, 410) else "outside_failed"
            raise ToolError(code, f"url: the server answered with status {answer.status}")
        address = answer.url.partition("?")[0].partition("#")[0]
        return Found(answer.body, address.rpartition("/")[2], answer.content_type, address)
