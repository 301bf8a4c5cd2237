"""Reading a network and choosing its usable hosts; arithmetic on the first and last address only."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface
from typing import TypeAlias

from libs.core.address_blocks import Network
from services.mcp.contract import ToolError

Address: TypeAlias = IPv4Address | IPv6Address
Interface: TypeAlias = IPv4Interface | IPv6Interface

_PREFIX = re.compile(r"0|[1-9]\d{0,2}", re.ASCII)
_ALL_ONES = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Hosts:
    """First and last usable host, their number, and the rule that chose them."""

    first: Address
    last: Address
    count: int
    rule: str


def read_interface(text: str, argument: str = "cidr") -> Interface:
    """Address and network of `192.0.2.17/24`, `192.0.2.17/255.255.255.0` or `2001:db8::1/48`.

    Raises ToolError, which names the argument, for leading zeros (octal to some programs), zones, missing prefixes and
    masks with holes.
    """
    try:
        return _interface(text)
    except (AddressValueError, _NoNetwork) as error:
        reason = error if isinstance(error, _NoNetwork) else "not a valid IPv4 or IPv6 address"
        raise ToolError("invalid_argument", f"{argument}: {reason}") from error


def usable_hosts(network: Network) -> Hosts:
    """Number of assignable host addresses."""
    first, last, total = network.network_address, network.broadcast_address, network.num_addresses
    if total == 1:
        return Hosts(first, last, 1, "a single host")
    if isinstance(network, IPv4Network):
        if network.prefixlen == 31:
            return Hosts(first, last, 2, "both ends of a point-to-point link (RFC 3021)")
        return Hosts(first + 1, last - 1, total - 2, "all but the network and broadcast addresses")
    if network.prefixlen == 127:
        return Hosts(first, last, 2, "both ends of a point-to-point link (RFC 6164)")
    return Hosts(first + 1, last, total - 1, "all but the subnet-router anycast address (RFC 4291)")


def broadcast_of(network: Network) -> IPv4Address | None:
    if isinstance(network, IPv4Network) and network.prefixlen <= 30:
        return network.broadcast_address
    return None


class _NoNetwork(Exception):
    """Why a text is no network."""


def _interface(text: str) -> Interface:
    address, slash, suffix = text.strip().partition("/")
    if not slash:
        raise _NoNetwork("a prefix length is missing, such as /24")
    return _v6(address, suffix) if ":" in address else _v4(address, suffix)


def _v4(address: str, suffix: str) -> IPv4Interface:
    parsed = IPv4Address(address)
    prefix = _mask_length(suffix) if "." in suffix else _prefix_length(suffix, 32)
    return IPv4Interface((parsed, prefix))


def _v6(address: str, suffix: str) -> IPv6Interface:
    if "%" in address:
        raise _NoNetwork("an address with a zone (%) names a link, not a network")
    return IPv6Interface((IPv6Address(address), _prefix_length(suffix, 128)))


def _prefix_length(text: str, largest: int) -> int:
    if not _PREFIX.fullmatch(text) or int(text) > largest:
        raise _NoNetwork(f"the prefix length is 0 to {largest}, without leading zeros")
    return int(text)


def _mask_length(text: str) -> int:
    """Prefix length of a netmask; ones first, then zeros. A wildcard mask is refused, not guessed."""
    zeros = _ALL_ONES ^ int(IPv4Address(text))
    if zeros & (zeros + 1):
        raise _NoNetwork("the netmask must be ones followed by zeros, such as 255.255.255.0")
    return 32 - zeros.bit_length()
