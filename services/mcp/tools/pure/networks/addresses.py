"""Parser of one address; IPv4 addresses embedded in IPv6."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network
from typing import TypeAlias

from services.mcp.contract import ToolError

Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Embedded:
    """An IPv4 address inside an IPv6 one, the embedding, and its RFC."""

    address: IPv4Address
    mechanism: str
    source: str


def read_address(text: str, argument: str = "address") -> Address:
    """IPv4 dotted quad or an IPv6 address. Octal-looking zeros, zones and prefixes raise ToolError."""
    stripped = text.strip()
    if "/" in stripped:
        raise ToolError("invalid_argument", f"{argument}: an address has no prefix length; subnet_calc takes networks")
    if "%" in stripped:
        raise ToolError("invalid_argument", f"{argument}: leave out the zone (%), it names a link of one host")
    try:
        return IPv6Address(stripped) if ":" in stripped else IPv4Address(stripped)
    except AddressValueError as error:
        raise ToolError("invalid_argument", f"{argument}: not a valid IPv4 or IPv6 address") from error


def embedded_in(address: Address) -> tuple[Embedded, ...]:
    """Every IPv4 address that the form of an IPv6 address contains."""
    return tuple(_embedded(int(address))) if isinstance(address, IPv6Address) else ()


_MAPPED, _COMPATIBLE = IPv6Network("::ffff:0:0/96"), IPv6Network("::/96")
_SIX_TO_FOUR, _TEREDO = IPv6Network("2002::/16"), IPv6Network("2001::/32")
_NAT64, _TRANSLATED = IPv6Network("64:ff9b::/96"), IPv6Network("::ffff:0:0:0/96")
_ISATAP_MARKS = (0x0000_5EFE, 0x0200_5EFE)


def _embedded(number: int) -> Iterator[Embedded]:
    address, low = IPv6Address(number), number & 0xFFFF_FFFF
    if address in _MAPPED:
        yield Embedded(IPv4Address(low), "IPv4-mapped", "RFC 4291")
    if address in _COMPATIBLE and low > 0xFFFF:  # ::, ::1 and small numbers are not meant as IPv4
        yield Embedded(IPv4Address(low), "IPv4-compatible, deprecated", "RFC 4291")
    if address in _TRANSLATED:
        yield Embedded(IPv4Address(low), "IPv4-translated", "RFC 2765")
    if address in _NAT64:
        yield Embedded(IPv4Address(low), "NAT64 well-known prefix", "RFC 6052")
    if address in _SIX_TO_FOUR:
        yield Embedded(IPv4Address(number >> 80 & 0xFFFF_FFFF), "6to4", "RFC 3056")
    if address in _TEREDO:
        yield Embedded(IPv4Address(number >> 64 & 0xFFFF_FFFF), "Teredo server", "RFC 4380")
        yield Embedded(IPv4Address(low ^ 0xFFFF_FFFF), "Teredo client", "RFC 4380")
    if number >> 32 & 0xFFFF_FFFF in _ISATAP_MARKS:
        yield Embedded(IPv4Address(low), "ISATAP", "RFC 5214")
