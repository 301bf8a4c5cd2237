"""Classifies public internet addresses."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

from libs.core.address_blocks import GLOBAL_UNICAST, Network, block_around

Address: TypeAlias = IPv4Address | IPv6Address

_NOT_ASKED: tuple[Network, ...] = (
    IPv4Network("168.63.129.16/32"),  # the host of a virtual machine in Azure, at a public number
    IPv6Network("3ffe::/16"),  # the 6bone, returned to IANA
)
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
_LOW_32 = (1 << 32) - 1


def reached(address: Address) -> Address:
    """The address that a connection really reaches: an IPv4-mapped one is IPv4."""
    if isinstance(address, IPv4Address) or address.scope_id is not None:
        return address
    return address.ipv4_mapped or address


def is_public(address: Address) -> bool:
    """True if an address, and the IPv4 address embedded in it if any, is global unicast.

    False for addresses that the registries call "globally reachable" by an exception inside a reserved block (anycast
    of protocols) or for one service (AS112): no web server is there.
    """
    address = reached(address)
    if isinstance(address, IPv4Address):
        return _is_unicast(address)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(_embedded(address))
    return _is_unicast(address) and (not _is_isatap(address) or is_public(_embedded(address)))


def _is_unicast(address: Address) -> bool:
    """True if the smallest registered block around is plain global unicast and not excluded."""
    block = block_around(ip_network(address))
    return block.purpose == GLOBAL_UNICAST and not any(address in network for network in _NOT_ASKED)


def _is_isatap(address: IPv6Address) -> bool:
    return (int(address) >> 32) & _LOW_32 in _ISATAP


def _embedded(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & _LOW_32)
