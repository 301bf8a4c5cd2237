"""Our URL parser against others: accepted URLs have the same host, port and target there."""

from ipaddress import ip_address
from random import Random
from urllib.parse import unquote, urlsplit

import pytest
from yarl import URL

from libs.adapters.web.fetcher import join_url, parse_url
from libs.ports.fetching import FetchError

_HOSTS = (
    "example.com",
    "a.b.example.co.uk",
    "xn--bcher-kva.de",
    "bücher.de",
    "ÉXAMPLE.fr",
    "8.8.8.8",
    "[2001:db8::1]",
    "例え.jp",
)
_PORTS = ("", ":80", ":443", ":8080", ":1", ":65535")
_PATHS = (
    "",
    "/",
    "/a",
    "/a/b/../c",
    "/a/./b/",
    "/..",
    "/../..",
    "/a//b",
    "/ä/ö",
    "/a;b=c",
    "/a%20b",
    "/a/..%2f",
    "/:@!$&'()*+,=~",
)
_QUERIES = ("", "?", "?a=b", "?a=b&c=d", "?q=a%20b+c", "?ü=ß", "?a=/../?", "?[x]=1", "?a=b#c?d")
_PIECES = (
    "http",
    "https",
    "://",
    ":",
    "//",
    "/",
    "\\",
    "@",
    "?",
    "#",
    "%",
    "%2e",
    ".",
    "..",
    "[",
    "]",
    "::1",
    "127.0.0.1",
    "0x7f",
    "example.com",
)


def every_form() -> list[str]:
    schemes = ("http://", "HTTPS://")
    return [
        s + h + port + path + q for s in schemes for h in _HOSTS for port in _PORTS for path in _PATHS for q in _QUERIES
    ]


def test_host_port_and_target_are_those_that_others_read() -> None:
    forms = every_form()
    assert len(forms) > 10_000
    for text in forms:
        ours = parse_url(text)
        other = URL(text)
        assert ours.hostname == _host(other), text
        assert ours.port == other.port, text
        assert ours.scheme == other.scheme, text
        if "#" not in text and ".." not in text and "/./" not in text:
            parts = urlsplit(text)
            expected = (parts.path or "/") + ("?" + parts.query if "?" in text else "")
            assert unquote(ours.target) == unquote(expected), text


def _host(url: URL) -> str:
    host = url.raw_host or ""
    return str(ip_address(host)) if ":" in host else host


def test_a_url_that_was_read_is_read_again_as_the_same() -> None:
    for text in every_form():
        once = parse_url(text)
        assert parse_url(str(once)) == once, text
        assert str(once).isascii()
        assert not set(str(once)) & set(' \t\r\n\\"<>^`{|}')


def test_whatever_is_thrown_at_it_is_read_or_refused_and_no_reading_has_another_host_inside() -> None:
    draw = Random(2026)
    taken = 0
    for _ in range(20_000):
        text = "".join(draw.choice(_PIECES) for _ in range(draw.randrange(1, 9)))
        if draw.random() < 0.5:
            text = "http://" + text
        try:
            ours = parse_url(text)
        except FetchError:
            continue
        taken += 1
        assert urlsplit(str(ours)).hostname == ours.hostname, text
        assert urlsplit(str(ours)).username is None, text
        assert URL(str(ours)).raw_host == ours.hostname, text
    assert taken > 500


@pytest.mark.parametrize(
    ("location", "target"),
    [  # RFC 3986, 5.4, as far as it is of http
        ("g", "http://a.example.com/b/c/g"),
        ("./g", "http://a.example.com/b/c/g"),
        ("g/", "http://a.example.com/b/c/g/"),
        ("/g", "http://a.example.com/g"),
        ("//g.example.com", "http://g.example.com/"),
        ("?y", "http://a.example.com/b/c/d;p?y"),
        ("g?y", "http://a.example.com/b/c/g?y"),
        ("#s", "http://a.example.com/b/c/d;p?q"),
        ("g;x=1/../y", "http://a.example.com/b/c/y"),
        ("", "http://a.example.com/b/c/d;p?q"),
        (".", "http://a.example.com/b/c/"),
        ("..", "http://a.example.com/b/"),
        ("../g", "http://a.example.com/b/g"),
        ("../../../g", "http://a.example.com/g"),
        ("/./g", "http://a.example.com/g"),
        ("http://x.example.com/y", "http://x.example.com/y"),
    ],
)
def test_a_reference_leads_where_the_standard_says(location: str, target: str) -> None:
    assert str(join_url(parse_url("http://a.example.com/b/c/d;p?q"), location)) == target


@pytest.mark.parametrize("host", ["[2606:4700:4700::1111%25eth0]", "[2606:4700:4700::1111%eth0]", "[::1%1]"])
def test_a_zone_is_no_part_of_a_url_that_is_fetched(host: str) -> None:
    with pytest.raises(FetchError, match="zone") as caught:
        parse_url(f"https://{host}/")
    assert caught.value.code == "host_refused"
