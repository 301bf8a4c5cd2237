"""Our list of public addresses: never wider than the registries, never so narrow that the web is out of reach."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from random import Random

import netaddr
import pytest

from libs.adapters.web.fetcher.addresses import is_public, reached
from libs.core.address_blocks import BLOCKS, GLOBAL_UNICAST

_REACHABLE = ("1.1.1.1", "8.8.8.8", "9.9.9.9", "93.184.215.14", "140.82.121.4", "185.15.59.224", "223.255.255.254")
_REACHABLE_V6 = ("2001:4860:4860::8888", "2606:4700:4700::1111", "2a02:ec80:300:ed1a::1", "2620:fe::fe", "2c0f:f248::1")
_EDGES = (
    *("9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255"),
    *("169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"),
    *(
        "1.0.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "203.0.112.255",
        "203.0.114.0",
        "2001:200::",
        "2001:db7:ffff::",
        "2001:db9::",
    ),
)


# Around the others, or with an IPv4 address inside that decides.
_NOT_AS_A_WHOLE = {ip_network(network) for network in ("::/0", "::ffff:0:0/96", "64:ff9b::/96")}
_SPECIAL = [
    block.network for block in BLOCKS if block.purpose != GLOBAL_UNICAST and block.network not in _NOT_AS_A_WHOLE
]


@pytest.mark.parametrize("address", [*_REACHABLE, *_REACHABLE_V6, *_EDGES])
def test_what_serves_the_web_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_nothing_is_public_that_the_standard_library_calls_private() -> None:
    draw = Random(6)
    numbers = [draw.getrandbits(32) for _ in range(20_000)]
    addresses = [IPv4Address(number) for number in numbers]
    public = [address for address in addresses if is_public(address)]
    assert len(public) > 15_000
    assert [address for address in public if not address.is_global or address.is_multicast] == []


def test_of_ipv6_only_global_unicast_is_public() -> None:
    draw = Random(6)
    addresses = [IPv6Address(draw.getrandbits(128)) for _ in range(20_000)]
    public = [address for address in addresses if is_public(address)]
    assert len(public) > 1_500
    assert [address for address in public if int(address) >> 125 != 1 or not address.is_global] == []


def test_no_address_of_a_special_block_is_public() -> None:
    """Not even where the registries call an exception in it reachable: no web server is there."""
    draw = Random(6)
    for network in _SPECIAL:
        first, last = int(network.network_address), int(network.broadcast_address)
        numbers = [first, last, *(draw.randint(first, last) for _ in range(100))]
        addresses = [type(network.network_address)(number) for number in numbers]
        assert [address for address in addresses if is_public(address)] == [], network


def test_beside_special_blocks_only_what_netaddr_calls_global_is_public() -> None:
    beside = [(int(network[end]) + step, network.version) for network in _SPECIAL for end, step in ((0, -1), (-1, 1))]
    known = [(n, version) for n, version in beside if 0 <= n < (2**32 if version == 4 else 2**128)]
    public = [(n, version) for n, version in known if is_public(IPv4Address(n) if version == 4 else IPv6Address(n))]
    assert len(public) > 30
    assert [pair for pair in public if not netaddr.IPAddress(*pair).is_global()] == []


def test_an_ipv4_address_inside_decides() -> None:
    for number in (0x7F000001, 0x0A000001, 0xA9FEA9FE):
        for wrapped in (
            0xFFFF << 32,
            0x64FF9B << 96,
            0x2A001450_00000000_00005EFE << 32,
            0x2A001450_00000000_02005EFE << 32,
        ):
            assert not is_public(IPv6Address(wrapped | number))
    assert is_public(IPv6Address("64:ff9b::8.8.8.8"))
    assert is_public(IPv6Address("2a00:1450::5efe:8.8.8.8"))


def test_a_mapped_address_is_the_ipv4_address_that_it_reaches() -> None:
    assert reached(IPv6Address("::ffff:8.8.8.8")) == IPv4Address("8.8.8.8")


def test_an_address_with_a_zone_is_never_public() -> None:
    assert not is_public(IPv6Address("2606:4700:4700::1111%eth0"))
    assert not is_public(IPv6Address("::ffff:8.8.8.8%1"))
