"""Parses URLs strictly and normalizes them; http and https only."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal
from urllib.parse import quote

from libs.ports.fetching import FetchError
from libs.ports.web_host import Host, read_host

MAX_URL_CHARS = 4096
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_REFUSED_CHARACTER = re.compile(
    r"[\x00-\x20\x7f-\xa0\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff]"
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r"[0-9]{1,5}")
_KEPT = "!$%&'()*+,-./:;=?@_~[]"  # unescaped in path and query; other characters become %XX of their UTF-8
_AUTHORITY_END = re.compile(r"[/?#]")


@dataclass(frozen=True, slots=True)
class WebUrl:
    """A parsed URL. `target` is path and query as a request sends them; there is no fragment."""

    scheme: Literal["http", "https"]
    host: Host
    port: int
    target: str

    @property
    def hostname(self) -> str:
        """The host without brackets, as in certificates."""
        return str(self.host)

    @property
    def authority(self) -> str:
        """Host and port as in the `Host` header."""
        host = f"[{self.host}]" if isinstance(self.host, IPv6Address) else str(self.host)
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def is_literal(self) -> bool:
        return isinstance(self.host, IPv4Address | IPv6Address)

    def __str__(self) -> str:
        return self.origin + self.target


# Two parsers that read one URL differently let checks be bypassed. So this is the only one, it rejects ambiguous URLs,
# and connections and requests use only its parts.
def parse_url(text: str) -> WebUrl:
    """Raises FetchError: `url_refused` and the codes for credentials, scheme, host and port."""
    if len(text) > MAX_URL_CHARS:
        raise FetchError("url_refused", f"the URL is longer than {MAX_URL_CHARS} characters")
    if _REFUSED_CHARACTER.search(text):
        raise FetchError("url_refused", "the URL has a space, a control character or a backslash in it")
    scheme, rest = _scheme(text)
    if not rest.startswith("//"):
        raise FetchError("url_refused", "the URL has no `//` after its scheme")
    end = _AUTHORITY_END.search(rest, 2)
    cut = end.start() if end else len(rest)
    host, port = _authority(rest[2:cut])
    return WebUrl(scheme, read_host(host), port or _DEFAULT_PORTS[scheme], _target(rest[cut:]))


def join_url(base: WebUrl, location: str) -> WebUrl:
    """Target of a redirect (RFC 3986, 5.2). Raises FetchError."""
    if _SCHEME.match(location):
        return parse_url(location)
    if location.startswith("//"):
        return parse_url(f"{base.scheme}:{location}")
    path, _, _ = base.target.partition("?")
    if location.startswith("/"):
        return parse_url(base.origin + location)
    if location.startswith("?"):
        return parse_url(base.origin + path + location)
    if not location or location.startswith("#"):
        return base
    return parse_url(base.origin + path[: path.rfind("/") + 1] + location)


def _scheme(text: str) -> tuple[Literal["http", "https"], str]:
    match = _SCHEME.match(text)
    if match is None:
        raise FetchError("url_refused", "the URL has no scheme; write https:// in front of it")
    rest = text[match.end() :]
    match match[1].lower():
        case "http":
            return "http", rest
        case "https":
            return "https", rest
        case _:
            raise FetchError("scheme_refused", "only http and https URLs are fetched")


def _authority(text: str) -> tuple[str, int | None]:
    if "@" in text:
        raise FetchError("credentials_refused", "a URL with a user name or a password in it is not fetched")
    host, colon, port = _split_port(text)
    if not host:
        raise FetchError("host_refused", "the URL has no host")
    if not colon:
        return host, None
    if not _PORT.fullmatch(port) or not 0 < int(port) < 1 << 16:
        raise FetchError("port_refused", "the port is not a number from 1 to 65535")
    return host, int(port)


def _split_port(text: str) -> tuple[str, str, str]:
    if not text.startswith("["):
        return text.partition(":")
    host, bracket, rest = text.partition("]")
    if not bracket or (rest and not rest.startswith(":")):
        raise FetchError("host_refused", "the host in brackets is not an IPv6 address")
    return host + bracket, rest[:1], rest[1:]


def _target(text: str) -> str:
    text, _, _ = text.partition("#")
    if _BAD_ESCAPE.search(text):
        raise FetchError("url_refused", "the URL has a % in it that is not followed by two hex digits; write it as %25")
    path, mark, query = text.partition("?")
    return quote(_without_dots(path or "/"), safe=_KEPT) + mark + quote(query, safe=_KEPT)


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, 5.2.4)."""
    segments: list[str] = []
    *most, last = path.split("/")[1:]
    for segment in most:
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    if last == "..":
        del segments[-1:]
    return "/" + "".join(f"{segment}/" for segment in segments) + (last if last not in {".", ".."} else "")
