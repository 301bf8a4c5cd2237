"""`ip_facts`: facts of one IP address, in every notation."""

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Literal

from pydantic import Field

from libs.core.address_blocks import REGISTRY
from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.networks.addresses import Address, embedded_in, read_address
from services.mcp.tools.pure.networks.subnet_calc.scopes import scope_of

MAX_ADDRESS_CHARS = 60


class IpArguments(ToolModel):
    """One address, without a prefix length."""

    address: str = Field(min_length=1, max_length=MAX_ADDRESS_CHARS, description="192.0.2.17 or 2001:db8::1")


class EmbeddedAddress(ToolModel):
    """An IPv4 address inside an IPv6 one."""

    address: str
    mechanism: str
    source: str
    scope: str


class IpResult(ToolModel):
    """One address. `integer` is a decimal string: IPv6 does not fit into JSON numbers of all readers."""

    version: Literal[4, 6]
    compressed: str = Field(description="Canonical form (RFC 5952 for IPv6)")
    exploded: str
    integer: str
    hexadecimal: str
    binary: str
    reverse_name: str
    scope: str
    private: bool | None
    globally_reachable: bool | None = Field(description="Null where the registries define nothing")
    multicast_scope: str | None
    mapped_ipv6: str | None = Field(description="The IPv4-mapped form of an IPv4 address")
    embedded_ipv4: tuple[EmbeddedAddress, ...]
    interface_mac: str | None = Field(description="The hardware address that a modified EUI-64 identifier shows")
    registry: str = REGISTRY


def ip_facts(arguments: IpArguments) -> IpResult:
    """Raises ToolError."""
    address = read_address(arguments.address)
    scope = scope_of(ip_network(address))
    bits = address.max_prefixlen
    return IpResult(
        version=4 if isinstance(address, IPv4Address) else 6,
        compressed=_canonical(address),
        exploded=_exploded(address),
        integer=str(int(address)),
        hexadecimal=f"0x{int(address):0{bits // 4}x}",
        binary=f"{int(address):0{bits}b}",
        reverse_name=address.reverse_pointer,
        scope=scope.purpose,
        private=scope.private,
        globally_reachable=scope.reachable,
        multicast_scope=_multicast_scope(address),
        mapped_ipv6=f"::ffff:{address}" if isinstance(address, IPv4Address) else None,
        embedded_ipv4=_embedded(address),
        interface_mac=_interface_mac(address),
    )


def _canonical(address: Address) -> str:
    """In the form of RFC 5952; IPv4-mapped addresses end in a dotted quad (its section 5)."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address.compressed if mapped is None else f"::ffff:{mapped}"


def _exploded(address: Address) -> str:
    """All groups of digits; Python 3.13 ends IPv4-mapped addresses in a dotted quad here too."""
    if isinstance(address, IPv4Address):
        return str(address)
    digits = f"{int(address):032x}"
    return ":".join(digits[start : start + 4] for start in range(0, 32, 4))


def _embedded(address: Address) -> tuple[EmbeddedAddress, ...]:
    return tuple(
        EmbeddedAddress(
            address=str(found.address),
            mechanism=found.mechanism,
            source=found.source,
            scope=scope_of(ip_network(found.address)).purpose,
        )
        for found in embedded_in(address)
    )


# RFC 4291 2.7, with RFC 7346
_MULTICAST_SCOPES = {
    1: "interface-local",
    2: "link-local",
    3: "realm-local",
    4: "admin-local",
    5: "site-local",
    8: "organization-local",
    14: "global",
}


def _multicast_scope(address: Address) -> str | None:
    if isinstance(address, IPv4Address) or not address.is_multicast:
        return None
    return _MULTICAST_SCOPES.get(int(address) >> 112 & 0xF, "reserved or unassigned")


def _interface_mac(address: Address) -> str | None:
    """MAC address of a modified EUI-64 identifier (RFC 4291, appendix A): ff:fe in the middle."""
    identifier = int(address) & 0xFFFF_FFFF_FFFF_FFFF
    if isinstance(address, IPv4Address) or identifier >> 24 & 0xFFFF != 0xFFFE:
        return None
    octets = (identifier ^ 1 << 57).to_bytes(8, "big")
    return ":".join(f"{octet:02x}" for octet in octets[:3] + octets[5:])


def phrase(result: IpResult, style: AnswerStyle) -> str:
    """Version, scope and reachability from the internet."""
    german = style.language == "de"
    reached = _REACHED[result.globally_reachable].text(style.language)
    carried = ", ".join(f"{found.address} ({found.mechanism})" for found in result.embedded_ipv4)
    tail = f"; {'enthält' if german else 'carries'} {carried}" if carried else ""
    if german:
        return f"{result.compressed} ist eine IPv{result.version}-Adresse ({result.scope}), {reached}{tail}."
    return f"{result.compressed} is an IPv{result.version} address ({result.scope}), {reached}{tail}."


_REACHED = {
    True: Bilingual(en="globally reachable", de="weltweit erreichbar"),
    False: Bilingual(en="not globally reachable", de="nicht weltweit erreichbar"),
    None: Bilingual(en="reachability not defined", de="Erreichbarkeit nicht festgelegt"),
}

IP_FACTS = Tool(
    name="ip_facts",
    description=Bilingual(
        en="Facts about one IPv4 or IPv6 address: scope, notations, reverse name, embedded IPv4",
        de="Fakten zu einer IPv4- oder IPv6-Adresse: Bereich, Schreibweisen, Reverse-Name, eingebettetes IPv4",
    ),
    keywords=Bilingual(
        en="ip address ipv4 ipv6 private public reverse dns ptr arpa expand compress integer loopback multicast",
        de="ip adresse ipv4 ipv6 privat öffentlich reverse dns ptr arpa ausschreiben kürzen ganzzahl loopback",
    ),
    arguments=IpArguments,
    result=IpResult,
    run=ip_facts,
    answer=phrase,
    limits=(Limit(name="address_chars", value=MAX_ADDRESS_CHARS, unit="characters"),),
    example=Example(
        args={"address": "192.168.1.10"},
        result={
            "version": 4,
            "compressed": "192.168.1.10",
            "exploded": "192.168.1.10",
            "integer": "3232235786",
            "hexadecimal": "0xc0a8010a",
            "binary": "11000000101010000000000100001010",
            "reverse_name": "10.1.168.192.in-addr.arpa",
            "scope": "private use",
            "private": True,
            "globally_reachable": False,
            "multicast_scope": None,
            "mapped_ipv6": "::ffff:192.168.1.10",
            "embedded_ipv4": [],
            "interface_mac": None,
            "registry": REGISTRY,
        },
        answer="192.168.1.10 is an IPv4 address (private use), not globally reachable.",
    ),
    error_example=ErrorExample(args={"address": "192.168.001.10"}, code="invalid_argument"),
)
