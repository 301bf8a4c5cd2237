"""Getting something from the web: one request, one bounded answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol

from libs.core.errors import FleetError

FetchCode = Literal[
    "url_refused",
    "credentials_refused",
    "scheme_refused",
    "port_refused",
    "host_refused",
    "address_refused",
    "header_refused",
    "redirect_refused",
    "too_many_redirects",
    "busy",
    "unresolved",
    "unreachable",
    "tls_failed",
    "timeout",
    "too_large",
    "compression_bomb",
    "encoding_refused",
    "broken_response",
]
# What is wrong with the request itself: no connection was made for it, or for where it was sent on to.
REFUSALS: frozenset[str] = frozenset(
    {
        "url_refused",
        "credentials_refused",
        "scheme_refused",
        "port_refused",
        "host_refused",
        "address_refused",
        "header_refused",
        "redirect_refused",
    }
)


class FetchError(FleetError):
    """Nothing was fetched. `code` is one of `FetchCode`; the message is one line without path, query or secrets."""

    def __init__(self, code: FetchCode, message: str) -> None:
        super().__init__(message, code=code)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What to get. `secret_headers` go to the first origin alone, never along with a redirect to another one.

    `max_bytes` bounds the body, as it comes and decoded; 0 leaves the fetcher's own bound, which it never exceeds.
    """

    url: str
    method: Literal["GET", "POST", "PATCH"] = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    max_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status. `url` is where it came from in the end, `retrieved_at` Unix seconds.

    `headers` have lower-case names; `body` is decoded.
    """

    url: str
    status: int
    body: bytes
    retrieved_at: float
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def content_type(self) -> str:
        """Return the media type in lower case, without parameters; empty if none was told."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """Return the charset that the answer tells, empty if none."""
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'").lower()
        return ""


class Fetcher(Protocol):
    """Whoever gets things from the web."""

    async def fetch(self, request: FetchRequest) -> Fetched:
        """Return the answer. Raises FetchError. Bounded in bytes and time; a GET may be repeated."""
        ...

    async def check(self, url: str) -> str:
        """Return a URL in its one spelling if it may be fetched now, without fetching it. Raises FetchError."""
        ...
