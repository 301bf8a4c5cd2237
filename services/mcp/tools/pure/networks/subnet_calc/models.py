"""Arguments and result of `subnet_calc`."""

from typing import Literal

from pydantic import Field

from libs.core.address_blocks import REGISTRY
from services.mcp.contract import ToolModel

MAX_CIDR_CHARS = 60

AddressClass = Literal["A", "B", "C", "D", "E"]


class SubnetArguments(ToolModel):
    """A network as address/prefix, or IPv4 address/netmask; host bits may be set."""

    cidr: str = Field(min_length=1, max_length=MAX_CIDR_CHARS, description="192.0.2.17/24 or 2001:db8::/48")


class SubnetResult(ToolModel):
    """The facts of one network. Counts are decimal strings: IPv6 counts do not fit into JSON numbers of all readers."""

    cidr: str = Field(description="The network in canonical form, host bits cleared")
    version: Literal[4, 6]
    address: str = Field(description="The address as given")
    host_bits_set: bool
    network: str
    broadcast: str | None = Field(description="Null for IPv6, /31 and /32")
    netmask: str
    wildcard: str
    prefix: int
    first_host: str
    last_host: str
    last_address: str
    total_addresses: str
    usable_hosts: str
    host_rule: str
    address_class: AddressClass | None = Field(description="Historical class of the IPv4 address given; null for IPv6")
    scope: str = Field(description="Registered purpose of the block, 'mixed' if the network spans several")
    private: bool | None = Field(description="RFC 1918 or unique local; null if mixed")
    globally_reachable: bool | None = Field(description="Null if mixed or not defined")
    registry: str = REGISTRY
