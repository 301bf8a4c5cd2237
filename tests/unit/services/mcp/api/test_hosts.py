"""Requests that a foreign page sends from a visitor's browser are detected by their Host and Origin."""

import pytest

from services.mcp.api.hosts import FOREIGN, MISDIRECTED, KnownHosts

LOCAL = KnownHosts.of("127.0.0.1", (), ())
WORLD = KnownHosts.of("0.0.0.0", (), ())
NAMED = KnownHosts.of("0.0.0.0", ("Tools.example.org",), ("https://Chat.example.org/",))


def status(known: KnownHosts, host: str, *origins: str) -> int | None:
    sent = [(b"host", host.encode())] + [(b"origin", origin.encode()) for origin in origins]
    return known.refuses(sent)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8003", "localhost:1", "LOCALHOST", "[::1]:8003", "[::1]"])
def test_this_machine_is_called_by_its_own_names(host: str) -> None:
    assert status(LOCAL, host) is None


@pytest.mark.parametrize(
    "host",
    [
        "", "attacker.example", "attacker.example:8003", "127.0.0.1.attacker.example", "localhost.", "localhost/..",
        "127.0.0.1@attacker", "attacker@127.0.0.1", "localhost:port", "[::1", "127.1", "0x7f000001", "localhost#x",
        "localhost?x",
    ],
)  # fmt: skip
def test_any_other_name_is_misdirected(host: str) -> None:
    assert status(LOCAL, host) == MISDIRECTED


@pytest.mark.parametrize("hosts", [0, 2])
def test_a_request_names_one_host(hosts: int) -> None:
    assert LOCAL.refuses([(b"host", b"localhost")] * hosts) == MISDIRECTED


def test_a_server_for_the_world_is_called_by_any_name_or_by_those_that_it_is_given() -> None:
    assert status(WORLD, "tools.example.org") is None
    assert status(NAMED, "tools.example.org:443") is None
    assert status(NAMED, "localhost:8003") is None
    assert status(NAMED, "other.example.org") == MISDIRECTED


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:8080"])
def test_pages_of_this_machine_may_call(origin: str) -> None:
    assert status(LOCAL, "localhost", origin) is None


@pytest.mark.parametrize(
    "origin",
    [
        "null", "", "https://attacker.example", "http://localhost.attacker.example", "file://localhost",
        "http://localhost@x", "https://chat.example.org.attacker.example", "http://chat.example.org",
        "https://chat.example.org:8443",
    ],
)  # fmt: skip
@pytest.mark.parametrize("known", [LOCAL, WORLD, NAMED], ids=["local", "world", "named"])
def test_pages_from_elsewhere_may_not(known: KnownHosts, origin: str) -> None:
    assert status(known, "localhost", origin) == FOREIGN


def test_a_page_that_is_named_may_call() -> None:
    assert status(NAMED, "tools.example.org", "https://chat.example.org") is None


def test_one_foreign_page_among_others_is_enough() -> None:
    assert status(NAMED, "localhost", "http://localhost", "https://attacker.example") == FOREIGN
