"""The port for outgoing HTTP requests: one request, one bounded response."""

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
# Faults of the request itself: the fetcher opens no connection, neither for the URL nor for a redirect target.
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
    """The fetch failed. `code` is one of `FetchCode`; the message is one line without path, query or secrets."""

    def __init__(self, code: FetchCode, message: str) -> None:
        super().__init__(message, code=code)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One request. `secret_headers` are sent to the first origin only, never to another one after a redirect.

    `max_bytes` bounds the body, both encoded and decoded; 0: the fetcher's own bound, which is always the upper limit.
    """

    url: str
    method: Literal["GET", "POST", "PATCH"] = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    max_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response, whatever its status. `url` is the final one after redirects, `retrieved_at` Unix seconds.

    `headers` have lower-case names; `body` is decoded.
    """

    url: str
    status: int
    body: bytes
    retrieved_at: float
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def content_type(self) -> str:
        """Media type in lower case, without parameters; empty if the header is missing."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """Lower case; empty if the header names none."""
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'").lower()
        return ""


class Fetcher(Protocol):
    async def fetch(self, request: FetchRequest) -> Fetched:
        """Bounded in bytes and time; a GET is safe to repeat. Raises FetchError."""
        ...

    async def check(self, url: str) -> str:
        """The canonical URL if policy allows to fetch it now; fetches nothing. Raises FetchError."""
        ...
