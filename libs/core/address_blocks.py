"""Special-purpose blocks of IPv4 and IPv6 addresses."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

# Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates up to RFC 9780), the
# multicast blocks (RFC 5771, RFC 4291) and the IPv6 global unicast block 2000::/3. The flags of the standard library
# differ between Python versions and call some of these blocks global that are not.
Network: TypeAlias = IPv4Network | IPv6Network

REGISTRY = "IANA special-purpose address registries, as of RFC 9780"
GLOBAL_UNICAST = "global unicast"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of addresses. `reachable`: from the public internet, None where the registry leaves it undefined."""

    network: Network
    purpose: str
    reachable: bool | None
    private: bool = False


def block_around(network: Network) -> Block:
    """The smallest block that contains a network; there always is one."""
    around = (block for block in BLOCKS if is_within(network, block.network))
    return max(around, key=lambda block: block.network.prefixlen)


def is_within(inner: Network, outer: Network) -> bool:
    """False for networks of different IP versions; true for equal ones."""
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def _block(cidr: str, purpose: str, *, reachable: bool | None = False, private: bool = False) -> Block:
    return Block(ip_network(cidr), purpose, reachable, private)


BLOCKS = (
    _block("0.0.0.0/0", GLOBAL_UNICAST, reachable=True),
    _block("0.0.0.0/8", "this network"),
    _block("0.0.0.0/32", "this host on this network"),
    _block("10.0.0.0/8", "private use", private=True),
    _block("100.64.0.0/10", "shared address space (carrier-grade NAT)"),
    _block("127.0.0.0/8", "loopback"),
    _block("169.254.0.0/16", "link local"),
    _block("172.16.0.0/12", "private use", private=True),
    _block("192.0.0.0/24", "IETF protocol assignments"),
    _block("192.0.0.0/29", "IPv4 service continuity prefix"),
    _block("192.0.0.8/32", "IPv4 dummy address"),
    _block("192.0.0.9/32", "port control protocol anycast", reachable=True),
    _block("192.0.0.10/32", "TURN anycast", reachable=True),
    _block("192.0.0.170/31", "NAT64 and DNS64 discovery"),
    _block("192.0.2.0/24", "documentation"),
    _block("192.31.196.0/24", "AS112", reachable=True),
    _block("192.52.193.0/24", "AMT", reachable=True),
    _block("192.88.99.0/24", "deprecated 6to4 relay anycast", reachable=None),
    _block("192.168.0.0/16", "private use", private=True),
    _block("192.175.48.0/24", "AS112", reachable=True),
    _block("198.18.0.0/15", "benchmarking"),
    _block("198.51.100.0/24", "documentation"),
    _block("203.0.113.0/24", "documentation"),
    _block("224.0.0.0/4", "multicast", reachable=None),
    _block("240.0.0.0/4", "reserved"),
    _block("255.255.255.255/32", "limited broadcast"),
    _block("::/0", "reserved by the IETF"),
    _block("::/128", "unspecified address"),
    _block("::1/128", "loopback"),
    _block("::ffff:0:0/96", "IPv4-mapped"),
    _block("64:ff9b::/96", "IPv4-IPv6 translation", reachable=True),
    _block("64:ff9b:1::/48", "IPv4-IPv6 translation, local use"),
    _block("100::/64", "discard only"),
    _block("100:0:0:1::/64", "dummy prefix"),
    _block("2000::/3", GLOBAL_UNICAST, reachable=True),
    _block("2001::/23", "IETF protocol assignments"),
    _block("2001::/32", "Teredo", reachable=None),
    _block("2001:1::1/128", "port control protocol anycast", reachable=True),
    _block("2001:1::2/128", "TURN anycast", reachable=True),
    _block("2001:1::3/128", "DNS-SD registration anycast", reachable=True),
    _block("2001:2::/48", "benchmarking"),
    _block("2001:3::/32", "AMT", reachable=True),
    _block("2001:4:112::/48", "AS112", reachable=True),
    _block("2001:10::/28", "deprecated ORCHID", reachable=None),
    _block("2001:20::/28", "ORCHIDv2", reachable=True),
    _block("2001:30::/28", "drone remote identification", reachable=True),
    _block("2001:db8::/32", "documentation"),
    _block("2002::/16", "6to4", reachable=None),
    _block("2620:4f:8000::/48", "AS112", reachable=True),
    _block("3fff::/20", "documentation"),
    _block("5f00::/16", "segment routing identifiers"),
    _block("fc00::/7", "unique local", private=True),
    _block("fe80::/10", "link local"),
    _block("ff00::/8", "multicast", reachable=None),
)
