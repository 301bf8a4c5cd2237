"""One request and its answer over one connection."""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from libs.adapters.web.fetcher.decoding import Body
from libs.adapters.web.fetcher.network import Wire
from libs.adapters.web.http_wire import MAX_HEAD_BYTES, Broken
from libs.ports.fetching import FetchError
from libs.ports.web_url import WebUrl

Came = TypeVar("Came")

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x20-\x7e]*")
_OURS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "user-agent", "cookie"}
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Call:
    """A request after the redirect rules were applied."""

    method: str
    url: WebUrl
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `location` is the target of a redirect, None without one."""

    status: int
    headers: dict[str, str]
    body: bytes
    location: str | None = None


def check_headers(headers: tuple[tuple[str, str], ...]) -> None:
    """Raise FetchError for malformed headers and for those that the fetcher sets itself."""
    for name, value in headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or name.lower() in _OURS:
            raise FetchError("header_refused", "a header of the request is not one that may be sent")


async def exchange(wire: Wire, call: Call, *, max_bytes: int, idle_s: float, user_agent: str) -> Answer:
    """Send a request and read its answer; a redirect is returned without its body. Raises FetchError."""
    wire.expect(max_bytes + MAX_HEAD_BYTES)
    try:
        wire.send(_request(call, user_agent))
        await _in_time(wire.head(), idle_s)
        headers = dict(wire.headers)
        if wire.status in _REDIRECTS and "location" in headers:
            return Answer(wire.status, headers, b"", location=_location(headers["location"]))
        body = Body(headers.get("content-encoding", ""), max_bytes)
        while piece := await _in_time(wire.read(), idle_s):
            body.feed(piece)
    except Broken as error:
        if wire.overrun:
            raise FetchError("too_large", f"the answer is larger than {max_bytes} bytes") from error
        raise FetchError("broken_response", f"the answer is broken: {error}") from error
    return Answer(wire.status, headers, body.finish())


async def _in_time(coming: Awaitable[Came], idle_s: float) -> Came:
    try:
        async with asyncio.timeout(idle_s):
            return await coming
    except TimeoutError as error:
        raise FetchError("timeout", f"nothing came for {idle_s:g} s") from error


def _request(call: Call, user_agent: str) -> bytes:
    lines = [f"{call.method} {call.url.target} HTTP/1.1", f"host: {call.url.authority}", f"user-agent: {user_agent}"]
    lines += ["accept-encoding: gzip, deflate", "connection: close"]
    lines += [f"{name.lower()}: {value}" for name, value in call.headers]
    if call.body or call.method != "GET":
        lines.append(f"content-length: {len(call.body)}")
    return "\r\n".join((*lines, "", "")).encode("ascii") + call.body


def _location(raw: str) -> str:
    """Header bytes are read as Latin-1, but servers write UTF-8 into them."""
    try:
        return raw.encode("latin-1").decode("utf-8").strip(" \t")
    except UnicodeDecodeError:
        return raw.strip(" \t")
