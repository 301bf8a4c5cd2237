"""`vlsm_plan`: subnets of different sizes from one network, largest first, and the unused rest."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from pydantic import Field

from libs.core.address_blocks import Network
from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.networks.subnet_calc.models import MAX_CIDR_CHARS
from services.mcp.tools.pure.networks.subnet_calc.network import broadcast_of, read_interface, usable_hosts

MAX_NEEDS = 256
MAX_NAME_CHARS = 60
MAX_HOSTS = 2**63 - 1
IPV4_RULE = (
    "largest need first, equal ones in the order given, without gaps; the smallest subnet whose addresses without "
    "network and broadcast address suffice, at most /30"
)
IPV6_RULE = (
    "largest need first, equal ones in the order given, without gaps; /64 each (RFC 4291, RFC 7421), in a network "
    "longer than /64 the smallest subnet that suffices without its subnet-router anycast address"
)
_INTERFACE_BITS = 64


class Need(ToolModel):
    """A subnet that is wanted."""

    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    hosts: int = Field(ge=1, le=MAX_HOSTS)


class VlsmArguments(ToolModel):
    """The network to divide and the subnets that are wanted."""

    network: str = Field(min_length=1, max_length=MAX_CIDR_CHARS, description="192.168.0.0/24 or 2001:db8::/48")
    needs: list[Need] = Field(min_length=1, max_length=MAX_NEEDS)


class PlannedSubnet(ToolModel):
    """One subnet of the plan; counts are decimal strings."""

    name: str
    hosts: int
    cidr: str
    netmask: str
    first_host: str
    last_host: str
    broadcast: str | None
    usable_hosts: str
    spare_hosts: str


class VlsmResult(ToolModel):
    """The plan in the order of addresses; `leftover` are the fewest networks that cover what is free."""

    network: str
    subnets: tuple[PlannedSubnet, ...]
    leftover: tuple[str, ...]
    total_addresses: str
    allocated_addresses: str
    free_addresses: str
    rule: str


def vlsm_plan(arguments: VlsmArguments) -> VlsmResult:
    """Raises ToolError if the needs exceed the network."""
    network: Network = read_interface(arguments.network, "network").network
    _check_names(arguments.needs)
    planned = list(_placed(network, arguments.needs))
    allocated = sum(subnet.num_addresses for _, subnet in planned)
    return VlsmResult(
        network=str(network),
        subnets=tuple(_described(need, subnet) for need, subnet in planned),
        leftover=tuple(str(free) for free in _leftover(network, int(network.network_address) + allocated)),
        total_addresses=str(network.num_addresses),
        allocated_addresses=str(allocated),
        free_addresses=str(network.num_addresses - allocated),
        rule=IPV4_RULE if isinstance(network, IPv4Network) else IPV6_RULE,
    )


def _check_names(needs: Sequence[Need]) -> None:
    if len({need.name for need in needs}) < len(needs):
        raise ToolError("ambiguous", "needs: every subnet needs a name of its own")


def _placed(network: Network, needs: Sequence[Need]) -> Iterator[tuple[Need, Network]]:
    """Give out addresses in order: blocks that never grow are always aligned."""
    sized = sorted(((_host_bits(network, need.hosts), need) for need in needs), key=lambda pair: -pair[0])
    wanted = sum(1 << bits for bits, _ in sized)
    if wanted > network.num_addresses:
        total = network.num_addresses
        raise ToolError("domain_error", f"needs: they take {wanted} addresses, the network has {total}")
    position = int(network.network_address)
    for bits, need in sized:
        yield need, type(network)((position, network.max_prefixlen - bits))
        position += 1 << bits


def _host_bits(network: Network, hosts: int) -> int:
    if isinstance(network, IPv4Network):
        return max(2, (hosts + 1).bit_length())  # hosts, network and broadcast address
    needed = hosts.bit_length()  # hosts and the anycast address
    return needed if network.prefixlen > _INTERFACE_BITS else max(_INTERFACE_BITS, needed)


def _leftover(network: Network, position: int) -> Iterator[Network]:
    """Largest aligned blocks from a position to the end of the network."""
    end = int(network.network_address) + network.num_addresses
    while position < end:
        size = position & -position or network.num_addresses
        yield type(network)((position, network.max_prefixlen - size.bit_length() + 1))
        position += size


def _described(need: Need, subnet: Network) -> PlannedSubnet:
    hosts, broadcast = usable_hosts(subnet), broadcast_of(subnet)
    return PlannedSubnet(
        name=need.name,
        hosts=need.hosts,
        cidr=str(subnet),
        netmask=str(subnet.netmask),
        first_host=str(hosts.first),
        last_host=str(hosts.last),
        broadcast=None if broadcast is None else str(broadcast),
        usable_hosts=str(hosts.count),
        spare_hosts=str(hosts.count - need.hosts),
    )


def phrase(result: VlsmResult, style: AnswerStyle) -> str:
    """Assigned blocks, and the remaining ones."""
    assigned = ", ".join(f"{subnet.name}: {subnet.cidr} ({subnet.usable_hosts})" for subnet in result.subnets)
    left = ", ".join(result.leftover)
    if style.language == "de":
        return f"Plan für {result.network} (nutzbare Hosts): {assigned}; frei: {left or 'nichts'}."
    return f"Plan for {result.network} (usable hosts): {assigned}; free: {left or 'nothing'}."


VLSM_PLAN = Tool(
    name="vlsm_plan",
    description=Bilingual(
        en="Divide an IPv4 or IPv6 network into subnets of different sizes (VLSM)",
        de="Ein IPv4- oder IPv6-Netz in Subnetze verschiedener Größe aufteilen (VLSM)",
    ),
    keywords=Bilingual(
        en="vlsm subnet plan divide split network hosts subnets subnetting allocation departments",
        de="vlsm subnetz plan aufteilen teilen netz hosts subnetze subnetting zuteilung abteilungen",
    ),
    arguments=VlsmArguments,
    result=VlsmResult,
    run=vlsm_plan,
    answer=phrase,
    limits=(
        Limit(name="network_chars", value=MAX_CIDR_CHARS, unit="characters"),
        Limit(name="needs", value=MAX_NEEDS, unit="subnets"),
        Limit(name="name_chars", value=MAX_NAME_CHARS, unit="characters"),
        Limit(name="hosts", value=MAX_HOSTS, unit="hosts of one subnet"),
    ),
    example=Example(
        args={"network": "192.168.0.0/25", "needs": [{"name": "lab", "hosts": 12}, {"name": "office", "hosts": 50}]},
        result={
            "network": "192.168.0.0/25",
            "subnets": [
                {
                    "name": "office",
                    "hosts": 50,
                    "cidr": "192.168.0.0/26",
                    "netmask": "255.255.255.192",
                    "first_host": "192.168.0.1",
                    "last_host": "192.168.0.62",
                    "broadcast": "192.168.0.63",
                    "usable_hosts": "62",
                    "spare_hosts": "12",
                },
                {
                    "name": "lab",
                    "hosts": 12,
                    "cidr": "192.168.0.64/28",
                    "netmask": "255.255.255.240",
                    "first_host": "192.168.0.65",
                    "last_host": "192.168.0.78",
                    "broadcast": "192.168.0.79",
                    "usable_hosts": "14",
                    "spare_hosts": "2",
                },
            ],
            "leftover": ["192.168.0.80/28", "192.168.0.96/27"],
            "total_addresses": "128",
            "allocated_addresses": "80",
            "free_addresses": "48",
            "rule": IPV4_RULE,
        },
        answer=(
            "Plan for 192.168.0.0/25 (usable hosts): office: 192.168.0.0/26 (62), lab: 192.168.0.64/28 (14); "
            "free: 192.168.0.80/28, 192.168.0.96/27."
        ),
    ),
    error_example=ErrorExample(
        args={"network": "192.168.0.0/28", "needs": [{"name": "office", "hosts": 50}]}, code="domain_error"
    ),
)
