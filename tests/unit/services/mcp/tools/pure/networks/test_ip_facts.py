"""`ip_facts`: every notation as netaddr writes it, and embedded addresses put in by hand."""

import random
import socket
from collections.abc import Iterator

import netaddr
import pytest

from libs.core.address_blocks import BLOCKS, Network
from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.networks.ip_facts import IpArguments, IpResult, ip_facts
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness


def run(address: str) -> IpResult:
    return ip_facts(IpArguments(address=address))


def groups(number: int) -> str:
    return ":".join(f"{number >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))


def numbers(exact: Exactness, count: int, bits: int) -> Iterator[int]:
    """Yield addresses of which many have runs of zeros and ones, or lie at the edge of a registered block."""
    rng, width = random.Random(bits), bits // 16
    edges = [edge for block in BLOCKS if block.network.max_prefixlen == bits for edge in edges_of(block.network)]
    for _ in exact.cases("ip_facts", count):
        mask = sum(0xFFFF << 16 * group for group in range(width) if rng.random() < 0.5)
        yield rng.choice((rng.getrandbits(bits), rng.getrandbits(bits) & mask, rng.choice(edges)))


def edges_of(network: Network) -> list[int]:
    first, last = int(network.network_address), int(network.broadcast_address)
    return [edge % 2**network.max_prefixlen for edge in (first - 1, first, first + 1, last - 1, last, last + 1)]


def test_ipv4_addresses_are_written_as_netaddr_writes_them(exact: Exactness) -> None:
    for number in numbers(exact, 1_500, 32):
        peer = netaddr.IPAddress(number, 4)
        found = run(str(peer))
        assert (found.version, found.compressed, found.integer) == (4, str(peer), str(int(peer)))
        assert (found.hexadecimal, int(found.binary, 2)) == (f"0x{int(peer):08x}", int(peer))
        assert f"{found.reverse_name}." == peer.reverse_dns
        assert found.mapped_ipv6 == str(peer.ipv6()).lower()
        assert found.private == peer.is_ipv4_private_use()


def test_ipv6_addresses_are_written_as_netaddr_and_the_c_library_write_them(exact: Exactness) -> None:
    for number in numbers(exact, 2_000, 128):
        peer = netaddr.IPAddress(number, 6)
        found = run(groups(number))
        assert found.exploded == peer.format(netaddr.ipv6_verbose)
        assert f"{found.reverse_name}." == peer.reverse_dns
        assert (found.integer, int(found.hexadecimal, 16), int(found.binary, 2)) == (str(number), number, number)
        assert found.private == peer.is_ipv6_unique_local()
        assert socket.inet_pton(socket.AF_INET6, found.compressed) == number.to_bytes(16, "big")
        if number >> 32 not in (0, 0xFFFF):  # the C library ends others in a dotted quad, too
            assert found.compressed == socket.inet_ntop(socket.AF_INET6, number.to_bytes(16, "big"))


# Registered after netaddr's release, and blocks that were never assigned: netaddr reports the opposite for both.
LATER = ("2001:1::3/128", "3fff::/20", "5f00::/16", "100:0:0:1::/64")


@pytest.mark.parametrize("bits", [32, 128])
def test_an_address_is_reachable_if_netaddr_calls_it_global(exact: Exactness, bits: int) -> None:
    later = netaddr.IPSet(LATER)
    for number in numbers(exact, 2_000, bits):
        peer = netaddr.IPAddress(number, 4 if bits == 32 else 6)
        found = run(str(peer))
        if found.globally_reachable is None:
            assert found.scope in ("multicast", "Teredo", "6to4", "deprecated ORCHID", "deprecated 6to4 relay anycast")
        elif peer not in later and found.scope != "reserved by the IETF":
            assert found.globally_reachable == peer.is_global(), peer
        assert (found.scope == "multicast") == peer.is_multicast()
        assert (found.scope == "loopback") == peer.is_loopback()
        assert (found.scope == "link local") == peer.is_link_local()


def test_the_scope_of_an_address_is_that_of_its_own_network(exact: Exactness) -> None:
    for number in numbers(exact, 500, 32):
        address = str(netaddr.IPAddress(number, 4))
        network = invoke("subnet_calc", {"cidr": f"{address}/32"}).result
        found = run(address)
        assert (found.scope, found.private) == (network["scope"], network["private"])
        assert found.globally_reachable == network["globally_reachable"]


@pytest.mark.parametrize(
    ("prefix", "mechanism"),
    [
        ("::ffff:", "IPv4-mapped"),
        ("::", "IPv4-compatible, deprecated"),
        ("64:ff9b::", "NAT64 well-known prefix"),
        ("::ffff:0:", "IPv4-translated"),
        ("fe80::5efe:", "ISATAP"),
        ("2001:db8::200:5efe:", "ISATAP"),
    ],
)
def test_an_address_at_the_end_is_found_with_how_it_got_there(exact: Exactness, prefix: str, mechanism: str) -> None:
    rng = random.Random(mechanism)
    for _ in exact.cases("ip_facts", 200):
        inner = str(netaddr.IPAddress(rng.randrange(2**17, 2**32), 4))
        (found,) = run(prefix + inner).embedded_ipv4
        assert (found.address, found.mechanism) == (inner, mechanism)


def test_addresses_inside_6to4_and_teredo_are_found(exact: Exactness) -> None:
    rng = random.Random(25)
    for _ in exact.cases("ip_facts", 300):
        one, two = (rng.getrandbits(32) for _ in range(2))
        tunnel = run(groups(0x2002 << 112 | one << 80 | 1)).embedded_ipv4
        teredo = run(groups(0x20010000 << 96 | one << 64 | (two ^ 0xFFFFFFFF))).embedded_ipv4
        assert [found.address for found in tunnel] == [str(netaddr.IPAddress(one, 4))]
        addresses = [str(netaddr.IPAddress(one, 4)), str(netaddr.IPAddress(two, 4))]
        assert [f.address for f in teredo if f.mechanism != "ISATAP"] == addresses


def test_the_scope_of_what_is_inside_is_told() -> None:
    assert [found.scope for found in run("64:ff9b::10.0.0.1").embedded_ipv4] == ["private use"]


@pytest.mark.parametrize("address", ["::", "::1", "fe80::1", "2606:4700::1111", "8.8.8.8"])
def test_plain_addresses_carry_nothing(address: str) -> None:
    assert run(address).embedded_ipv4 == ()


def test_a_hardware_address_is_read_out_of_the_interface_identifier(exact: Exactness) -> None:
    rng = random.Random(26)
    for _ in exact.cases("ip_facts", 300):
        mac = netaddr.EUI(rng.getrandbits(48), 48, dialect=netaddr.mac_unix_expanded)
        assert run(str(mac.ipv6_link_local())).interface_mac == str(mac)
    assert run("fe80::1").interface_mac is None


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("ff02::1", "link-local"),
        ("ff05::2", "site-local"),
        ("ff0e::1", "global"),
        ("ff00::1", "reserved or unassigned"),
    ],
)
def test_the_scope_of_a_multicast_address_is_told(address: str, scope: str) -> None:
    assert run(address).multicast_scope == scope


@pytest.mark.parametrize(
    "address",
    [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4/24", "fe80::1%eth0", "::1::", "1:2:3:4:5:6:7",
        "12345::", "0x7f.1", "2130706433", "localhost", "::ffff:1.2.3", "1.2.3.4 5", "\u0661.2.3.4", "[::1]", ":1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("ip_facts", {"address": address})
    assert caught.value.code == "invalid_argument"
    assert str(caught.value).startswith("address: ")


def test_the_answer_is_a_sentence_in_both_languages() -> None:
    german = invoke("ip_facts", {"address": "2002:c000:204::1"}, AnswerStyle(language="de")).answer
    assert (
        german
        == "2002:c000:204::1 ist eine IPv6-Adresse (6to4), Erreichbarkeit nicht festgelegt; enthält 192.0.2.4 (6to4)."
    )
