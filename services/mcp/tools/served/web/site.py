"""Client of a web service: a request in the documented shape, a response as a typed value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, Literal, TypeVar
from urllib.parse import quote, urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from libs.ports.fetching import REFUSALS, Fetched, Fetcher, FetchError, FetchRequest
from services.mcp.contract import ToolError, ToolModel

Query = Mapping[str, str | int | float]
Method = Literal["GET", "POST", "PATCH"]
_JSON = ("content-type", "application/json")


class Source(ToolModel):
    """Who said it, where, and when it was asked."""

    name: str
    url: str = Field(description="what was asked, without secrets")
    retrieved_at: str = Field(description="ISO 8601, UTC")


class Reply(BaseModel):
    """Base of responses: unread fields are not validated."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


ReplyT = TypeVar("ReplyT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SiteReply(Generic[ReplyT]):
    """An answer that was understood."""

    reply: ReplyT
    source: Source


@dataclass(frozen=True, slots=True)
class Site:
    """One service. `base` ends without a slash; `secrets` are headers for this service only."""

    name: str
    base: str = field(repr=False)
    fetcher: Fetcher
    headers: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    async def get(self, path: str, query: Query, shape: type[ReplyT]) -> SiteReply[ReplyT]:
        """Raises ToolError: `not_found`, `outside_failed`."""
        return self.understood(await self.request(path, query), shape)

    async def send(self, path: str, body: JsonValue, shape: type[ReplyT], method: Method = "POST") -> SiteReply[ReplyT]:
        """Send JSON and return the response. Raises ToolError."""
        request = FetchRequest(
            self.base + path, method, (*self.headers, _JSON), secret_headers=self.secrets, body=orjson.dumps(body)
        )
        return self.understood(await self.fetched(request), shape)

    async def request(self, path: str, query: Query | None = None) -> Fetched:
        """Response without an error of the service. Raises ToolError."""
        target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        return await self.fetched(FetchRequest(self.base + target, headers=self.headers, secret_headers=self.secrets))

    async def fetched(self, request: FetchRequest) -> Fetched:
        """Response without an error. Raises ToolError."""
        answer = await fetched(self.fetcher, request, self.name)
        if answer.status >= 300:
            raise _status_error(self.name, answer.status)
        return answer

    def understood(self, answer: Fetched, shape: type[ReplyT]) -> SiteReply[ReplyT]:
        """Response as a typed value. Raises ToolError."""
        try:
            reply = shape.model_validate_json(answer.body)
        except ValidationError as error:
            raise self.misunderstood() from error
        return SiteReply(reply, self.source(answer))

    def misunderstood(self) -> ToolError:
        """Error for a response outside the documented format."""
        return ToolError("outside_failed", f"{self.name} answered in a form that is not its documented one")

    def source(self, answer: Fetched) -> Source:
        return Source(name=self.name, url=answer.url, retrieved_at=instant(answer.retrieved_at))


async def fetched(fetcher: Fetcher, request: FetchRequest, name: str, *, by_user: bool = False) -> Fetched:
    """Response with any status. `by_user`: the URL is an argument. Raises ToolError."""
    try:
        return await fetcher.fetch(request)
    except FetchError as error:
        if by_user and error.code in REFUSALS:
            raise ToolError("invalid_argument", f"url: {error}") from error
        if error.code == "busy":
            raise ToolError("busy", str(error)) from error
        raise ToolError("outside_failed", f"{name} cannot be asked: {error}") from error


def instant(unix_s: float) -> str:
    """Moment as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(int(unix_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def segment(text: str) -> str:
    """Text as one segment of a path."""
    return quote(text, safe="")


def _status_error(name: str, status: int) -> ToolError:
    if status in {404, 410}:
        return ToolError("not_found", f"{name} does not have it")
    if status in {401, 403}:
        return ToolError("outside_failed", f"{name} refuses us ({status}); it may want a key, or fewer requests")
    if status in {429, 503}:
        return ToolError("outside_failed", f"{name} is busy or limits our requests ({status}); try again later")
    return ToolError("outside_failed", f"{name} answered with status {status}")
