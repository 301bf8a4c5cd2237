"""`subnet_calc`: everything that follows from a CIDR."""

from ipaddress import IPv4Address, IPv4Network

from libs.core.address_blocks import REGISTRY, Network
from services.mcp.contract import Bilingual, ErrorExample, Example, Limit, Tool
from services.mcp.tools.pure.networks.subnet_calc.answer import FOCUSES, phrase
from services.mcp.tools.pure.networks.subnet_calc.models import (
    MAX_CIDR_CHARS,
    AddressClass,
    SubnetArguments,
    SubnetResult,
)
from services.mcp.tools.pure.networks.subnet_calc.network import Address, broadcast_of, read_interface, usable_hosts
from services.mcp.tools.pure.networks.subnet_calc.scopes import scope_of

# (end of the class in the first octet, class), by the leading bits 0, 10, 110, 1110, 1111
_CLASSES: tuple[tuple[int, AddressClass], ...] = ((127, "A"), (191, "B"), (223, "C"), (239, "D"), (255, "E"))


def subnet_calc(arguments: SubnetArguments) -> SubnetResult:
    """Raises ToolError."""
    interface = read_interface(arguments.cidr)
    network: Network = interface.network
    hosts, scope, broadcast = usable_hosts(network), scope_of(network), broadcast_of(network)
    return SubnetResult(
        cidr=str(network),
        version=4 if isinstance(network, IPv4Network) else 6,
        address=str(interface.ip),
        host_bits_set=interface.ip != network.network_address,
        network=str(network.network_address),
        broadcast=None if broadcast is None else str(broadcast),
        netmask=str(network.netmask),
        wildcard=str(network.hostmask),
        prefix=network.prefixlen,
        first_host=str(hosts.first),
        last_host=str(hosts.last),
        last_address=str(network.broadcast_address),
        total_addresses=str(network.num_addresses),
        usable_hosts=str(hosts.count),
        host_rule=hosts.rule,
        address_class=_class_of(interface.ip),
        scope=scope.purpose,
        private=scope.private,
        globally_reachable=scope.reachable,
    )


def _class_of(address: Address) -> AddressClass | None:
    if not isinstance(address, IPv4Address):
        return None
    first_octet = int(address) >> 24
    return next(name for end, name in _CLASSES if first_octet <= end)


SUBNET_CALC = Tool(
    name="subnet_calc",
    description=Bilingual(
        en="Network, broadcast, masks, host range and counts of an IPv4 or IPv6 CIDR",
        de="Netz, Broadcast, Masken, Hostbereich und Anzahlen eines IPv4- oder IPv6-CIDR",
    ),
    keywords=Bilingual(
        en="subnet network broadcast mask cidr hosts range ip prefix",
        de="subnetz netz netzwerk broadcast maske cidr hosts bereich ip präfix",
    ),
    arguments=SubnetArguments,
    result=SubnetResult,
    run=subnet_calc,
    answer=phrase,
    limits=(Limit(name="cidr_chars", value=MAX_CIDR_CHARS, unit="characters"),),
    example=Example(
        args={"cidr": "172.20.128.0/19"},
        result={
            "cidr": "172.20.128.0/19",
            "version": 4,
            "address": "172.20.128.0",
            "host_bits_set": False,
            "network": "172.20.128.0",
            "broadcast": "172.20.159.255",
            "netmask": "255.255.224.0",
            "wildcard": "0.0.31.255",
            "prefix": 19,
            "first_host": "172.20.128.1",
            "last_host": "172.20.159.254",
            "last_address": "172.20.159.255",
            "total_addresses": "8192",
            "usable_hosts": "8190",
            "host_rule": "all but the network and broadcast addresses",
            "address_class": "B",
            "scope": "private use",
            "private": True,
            "globally_reachable": False,
            "registry": REGISTRY,
        },
        answer=(
            "172.20.128.0/19: network 172.20.128.0, broadcast 172.20.159.255, "
            "netmask 255.255.224.0, hosts 172.20.128.1 to 172.20.159.254, 8190 usable."
        ),
    ),
    error_example=ErrorExample(args={"cidr": "192.168.01.1/24"}, code="invalid_argument"),
    focuses=FOCUSES,
)
