"""`subnet_calc`: the facts of a network, checked against netaddr."""

import random
import time
from typing import Literal

import netaddr
import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.networks.subnet_calc.models import SubnetArguments, SubnetResult
from services.mcp.tools.pure.networks.subnet_calc.tool import subnet_calc
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness


def result(cidr: str) -> SubnetResult:
    return subnet_calc(SubnetArguments(cidr=cidr))


def test_the_facts_of_an_ipv4_network() -> None:
    found = result("172.20.130.7/19")
    assert (found.cidr, found.network, found.broadcast) == ("172.20.128.0/19", "172.20.128.0", "172.20.159.255")
    assert (found.netmask, found.wildcard, found.prefix) == ("255.255.224.0", "0.0.31.255", 19)
    assert (found.first_host, found.last_host) == ("172.20.128.1", "172.20.159.254")
    assert (found.total_addresses, found.usable_hosts) == ("8192", "8190")
    assert (found.address, found.host_bits_set, found.version) == ("172.20.130.7", True, 4)
    assert (found.address_class, found.scope, found.private) == ("B", "private use", True)


def test_the_facts_of_an_ipv6_network() -> None:
    found = result("2001:DB8::1/48")
    assert (found.cidr, found.broadcast, found.prefix) == ("2001:db8::/48", None, 48)
    assert (found.first_host, found.last_host) == ("2001:db8::1", "2001:db8:0:ffff:ffff:ffff:ffff:ffff")
    assert (found.total_addresses, found.usable_hosts) == (str(2**80), str(2**80 - 1))
    assert (found.version, found.address_class, found.scope) == (6, None, "documentation")


@pytest.mark.parametrize(
    ("cidr", "first", "last", "usable", "broadcast"),
    [
        ("10.0.0.4/30", "10.0.0.5", "10.0.0.6", "2", "10.0.0.7"),
        ("10.0.0.4/31", "10.0.0.4", "10.0.0.5", "2", None),
        ("10.0.0.4/32", "10.0.0.4", "10.0.0.4", "1", None),
        ("0.0.0.0/0", "0.0.0.1", "255.255.255.254", "4294967294", "255.255.255.255"),
        ("2001:db8::4/126", "2001:db8::5", "2001:db8::7", "3", None),
        ("2001:db8::4/127", "2001:db8::4", "2001:db8::5", "2", None),
        ("2001:db8::4/128", "2001:db8::4", "2001:db8::4", "1", None),
        ("::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", str(2**128 - 1), None),
    ],
)
def test_the_smallest_and_largest_networks_follow_their_rules(
    cidr: str, first: str, last: str, usable: str, broadcast: str | None
) -> None:
    found = result(cidr)
    assert (found.first_host, found.last_host, found.usable_hosts, found.broadcast) == (first, last, usable, broadcast)


def test_a_network_of_any_size_takes_no_time() -> None:
    started = time.process_time()
    for cidr in ("0.0.0.0/0", "::/0", "10.0.0.0/8", "2001:db8::/32"):
        result(cidr)
    assert time.process_time() - started < 1.0


def test_an_ipv4_netmask_may_stand_for_the_prefix() -> None:
    assert result("10.1.2.3/255.255.252.0") == result("10.1.2.3/22")
    assert result("10.1.2.3/0.0.0.0").prefix == 0


@pytest.mark.parametrize(
    "cidr",
    [
        "192.168.01.1/24",
        "192.168.1.1/024",
        "010.0.0.0/8",
        "0x10.0.0.0/8",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0.0/ 8",
        "10.0.0/8",
        "10.0.0.0.0/8",
        "256.0.0.1/8",
        "10.0.0.0/255.0.255.0",
        "10.0.0.0/0.0.0.255",
        "10.0.0.0/255.255.255.256",
        "2001:db8::/129",
        "2001:db8::/ffff::",
        "2001:db8:::/32",
        "2001:db8::1::/32",
        "fe80::1%eth0/64",
        "12345::/16",
        "/24",
        "localhost/8",
        "1.2.3.4/8 ; id",
        "１0.0.0.0/8",  # noqa: RUF001 - a full-width digit
        "10.0.0.0/\u0668",
        "2130706433/8",
        "127.1/8",
    ],
)
def test_what_is_no_network_is_refused(cidr: str) -> None:
    with pytest.raises(ToolError) as caught:
        result(cidr)
    assert caught.value.code == "invalid_argument"
    assert str(caught.value).startswith("cidr: ")


@pytest.mark.parametrize(
    ("cidr", "scope", "private", "reachable"),
    [
        ("8.8.8.0/24", "global unicast", False, True),
        ("10.1.0.0/16", "private use", True, False),
        ("172.31.255.0/24", "private use", True, False),
        ("172.32.0.0/16", "global unicast", False, True),
        ("100.64.0.0/10", "shared address space (carrier-grade NAT)", False, False),
        ("127.0.0.0/8", "loopback", False, False),
        ("169.254.1.0/24", "link local", False, False),
        ("192.0.0.2/32", "IPv4 service continuity prefix", False, False),
        ("192.0.0.170/32", "NAT64 and DNS64 discovery", False, False),
        ("0.0.0.0/32", "this host on this network", False, False),
        ("192.0.0.9/32", "port control protocol anycast", False, True),
        ("192.0.0.0/24", "mixed", False, None),
        ("224.0.0.0/24", "multicast", False, None),
        ("255.255.255.255/32", "limited broadcast", False, False),
        ("8.0.0.0/6", "mixed", None, None),
        ("0.0.0.0/0", "mixed", None, None),
        ("2606:4700::/32", "global unicast", False, True),
        ("fd00::/8", "unique local", True, False),
        ("fe80::/64", "link local", False, False),
        ("::1/128", "loopback", False, False),
        ("::ffff:10.0.0.0/104", "IPv4-mapped", False, False),
        ("64:ff9b::/96", "IPv4-IPv6 translation", False, True),
        ("2002:7f00:1::/48", "6to4", False, None),
        ("ff02::/16", "multicast", False, None),
        ("6000::/3", "reserved by the IETF", False, False),
    ],
)
def test_scopes_follow_the_registries_and_say_so_when_mixed(
    cidr: str, scope: str, private: bool | None, reachable: bool | None
) -> None:
    found = result(cidr)
    assert (found.scope, found.private, found.globally_reachable) == (scope, private, reachable)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("0.0.0.0", "A"),
        ("127.0.0.1", "A"),
        ("128.0.0.0", "B"),
        ("191.255.0.0", "B"),
        ("192.0.0.0", "C"),
        ("223.255.255.0", "C"),
        ("224.0.0.0", "D"),
        ("239.0.0.0", "D"),
        ("240.0.0.0", "E"),
        ("255.0.0.0", "E"),
    ],
)
def test_the_historical_class_comes_from_the_leading_bits(address: str, expected: str) -> None:
    assert result(f"{address}/32").address_class == expected


def some_network(chance: random.Random, version: Literal[4, 6]) -> netaddr.IPNetwork:
    """Address with a prefix length of any size; every fourth is the network itself."""
    bits = 32 if version == 4 else 128
    network = netaddr.IPNetwork((chance.getrandbits(bits), chance.randint(0, bits)), version=version)
    return network.cidr if chance.random() < 0.25 else network


def test_ipv4_networks_are_those_of_netaddr(exact: Exactness) -> None:
    chance = random.Random(4)
    for _ in exact.cases("subnet_calc", 2_000):
        peer = some_network(chance, 4)
        found = result(f"{peer.ip}/{chance.choice((peer.prefixlen, peer.netmask))}")
        assert (found.cidr, found.network, found.prefix) == (str(peer.cidr), str(peer.network), peer.prefixlen)
        assert (found.netmask, found.wildcard) == (str(peer.netmask), str(peer.hostmask))
        assert (found.total_addresses, found.last_address) == (str(peer.size), str(peer[-1]))
        assert found.broadcast == (str(peer.broadcast) if peer.prefixlen < 31 else None)
        hosts = (peer[1], peer[-2]) if peer.prefixlen < 31 else (peer[0], peer[-1])
        assert (found.first_host, found.last_host) == tuple(map(str, hosts))
        assert int(found.usable_hosts) == int(hosts[1]) - int(hosts[0]) + 1
        assert (found.address, found.host_bits_set) == (str(peer.ip), peer.ip != peer.network)
        assert found.address_class == address_class(int(peer.ip))


def address_class(number: int) -> str:
    return next((name for name, ones in zip("ABCD", range(4), strict=True) if not number >> 31 - ones & 1), "E")


def test_ipv6_networks_are_those_of_netaddr(exact: Exactness) -> None:
    chance = random.Random(6)
    for _ in exact.cases("subnet_calc", 2_000):
        peer = some_network(chance, 6)
        found = result(f"{peer.ip.format(netaddr.ipv6_verbose)}/{peer.prefixlen}")
        told = [found.network, found.netmask, found.wildcard, found.last_address, found.last_host, found.address]
        expected = [peer.network, peer.netmask, peer.hostmask, peer[-1], peer[-1], peer.ip]
        assert [netaddr.IPAddress(text) for text in told] == expected, peer
        first = peer[0] if peer.prefixlen > 126 else peer[1]
        assert (netaddr.IPAddress(found.first_host), found.broadcast) == (first, None)
        assert (found.cidr, found.total_addresses) == (f"{found.network}/{peer.prefixlen}", str(peer.size))
        assert int(found.usable_hosts) == int(peer[-1]) - int(first) + 1
        assert found.host_bits_set == (peer.ip != peer.network)


def test_the_answer_says_first_what_was_asked_for() -> None:
    def answer(cidr: str, style: AnswerStyle) -> str:
        return invoke("subnet_calc", {"cidr": cidr}, style).answer

    english = answer("172.20.128.0/19", AnswerStyle(focus="broadcast"))
    german = answer("10.0.0.0/22", AnswerStyle(language="de", focus="netmask"))
    none = answer("10.0.0.0/31", AnswerStyle(language="de", focus="broadcast"))
    assert english.startswith("The broadcast address of 172.20.128.0/19 is 172.20.159.255.")
    assert german.startswith("Die Netzmaske von 10.0.0.0/22 ist 255.255.252.0.")
    assert none.startswith("10.0.0.0/31 hat keine Broadcast-Adresse")
    assert answer("10.0.0.0/22", AnswerStyle(focus="usable_hosts")).startswith("10.0.0.0/22 has 1022 usable host")
