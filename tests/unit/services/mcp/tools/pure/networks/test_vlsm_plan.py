"""`vlsm_plan`: plans checked by the definition of a plan, and free blocks checked by netaddr."""

import random
from collections.abc import Iterator
from ipaddress import ip_network

import netaddr
import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.networks.vlsm_plan import Need, VlsmArguments, VlsmResult, vlsm_plan
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness


def plan(network: str, *hosts: int) -> VlsmResult:
    return vlsm_plan(VlsmArguments(network=network, needs=[Need(name=f"n{i}", hosts=h) for i, h in enumerate(hosts)]))


def smallest(version: int, network_prefix: int, hosts: int) -> int:
    """The longest prefix whose subnet has enough addresses, found by trying."""
    if version == 4:
        return max(p for p in range(31) if 2 ** (32 - p) - 2 >= hosts)
    longest = 64 if network_prefix <= 64 else 128
    return max(p for p in range(longest + 1) if 2 ** (128 - p) - 1 >= hosts)


def cases(turns: range, version: int, seed: int) -> Iterator[tuple[str, list[int]]]:
    rng = random.Random(seed)
    for _ in turns:
        prefix = rng.randrange(8, 28) if version == 4 else rng.choice((32, 48, 56, 60, 64, 100, 112, 120))
        bits = 32 if version == 4 else 128
        network = netaddr.IPNetwork((rng.getrandbits(bits), prefix), version=version).cidr
        most = min(2**62, network.size // rng.choice((1, 2, 4, 16)) + 2)
        hosts = [max(1, int(most ** rng.random())) for _ in range(rng.randrange(1, 9))]
        full = [1 << count.bit_length() for count in hosts]  # rooms that are just full, or just too small
        hosts = [
            max(1, rng.choice((count, capacity - rng.randrange(4))))
            for count, capacity in zip(hosts, full, strict=True)
        ]
        yield str(network), hosts


@pytest.mark.parametrize("version", [4, 6])
def test_a_plan_gives_each_name_the_smallest_subnet_without_gaps(exact: Exactness, version: int) -> None:
    planned, turns = 0, exact.cases("vlsm_plan", 1_250)
    for network, hosts in cases(turns, version, seed=version):
        whole = netaddr.IPNetwork(network)
        prefixes = sorted(smallest(version, whole.prefixlen, h) for h in hosts)
        needed = sum(2 ** ((32 if version == 4 else 128) - prefix) for prefix in prefixes)
        if needed > whole.size:
            with pytest.raises(ToolError) as caught:
                plan(network, *hosts)
            assert caught.value.code == "domain_error"
            continue
        planned += 1
        found = plan(network, *hosts)
        subnets = [netaddr.IPNetwork(subnet.cidr) for subnet in found.subnets]
        assert [subnet.prefixlen for subnet in subnets] == prefixes
        position = whole.first
        for subnet in subnets:
            assert (subnet.first, subnet) == (position, subnet.cidr)
            position = subnet.last + 1
        rest = netaddr.IPSet([whole]) - netaddr.IPSet(subnets)
        assert list(found.leftover) == [str(free) for free in rest.iter_cidrs()]
        assert int(found.allocated_addresses) + int(found.free_addresses) == int(found.total_addresses) == whole.size
        assert int(found.allocated_addresses) == needed
    assert planned > len(turns) // 5


def test_the_facts_of_a_subnet_are_those_that_subnet_calc_tells() -> None:
    for network, hosts in cases(range(100), 4, seed=31):
        try:
            found = plan(network, *hosts)
        except ToolError:
            continue
        for subnet in found.subnets:
            facts = invoke("subnet_calc", {"cidr": subnet.cidr}).result
            told = (subnet.netmask, subnet.first_host, subnet.last_host, subnet.broadcast, subnet.usable_hosts)
            names = ("netmask", "first_host", "last_host", "broadcast", "usable_hosts")
            assert told == tuple(facts[name] for name in names)
            assert int(subnet.spare_hosts) == int(subnet.usable_hosts) - subnet.hosts >= 0
            assert ip_network(subnet.cidr).subnet_of(ip_network(network))  # type: ignore[arg-type]  # of one version


def test_equal_needs_keep_the_order_in_which_they_were_given() -> None:
    found = plan("10.0.0.0/24", 10, 60, 10)
    assert [subnet.name for subnet in found.subnets] == ["n1", "n0", "n2"]


def test_a_network_may_be_used_up() -> None:
    found = plan("10.0.0.0/29", 2, 1)
    assert (found.leftover, found.free_addresses) == ((), "0")


def test_the_largest_networks_cost_nothing() -> None:
    assert len(plan("::/0", 1).leftover) == 64
    assert plan("0.0.0.0/0", 2**31 - 2).leftover == ("128.0.0.0/1",)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"network": "10.0.0.0/24", "needs": []}, "invalid_argument"),
        ({"network": "10.0.0.0/24", "needs": [{"name": "a", "hosts": 0}]}, "invalid_argument"),
        ({"network": "10.0.0.0/24", "needs": [{"name": "a", "hosts": "9"}]}, "invalid_argument"),
        ({"network": "10.0.0.0/24", "needs": [{"name": "a", "hosts": 9, "x": 1}]}, "invalid_argument"),
        ({"network": "10.0.0.0", "needs": [{"name": "a", "hosts": 9}]}, "invalid_argument"),
        ({"network": "10.0.0.0/24", "needs": [{"name": "a", "hosts": 9}] * 2}, "ambiguous"),
        ({"network": "10.0.0.0/31", "needs": [{"name": "a", "hosts": 1}]}, "domain_error"),
        ({"network": "10.0.0.0/8", "needs": [{"name": str(n), "hosts": 1} for n in range(257)]}, "limit_exceeded"),
    ],
    ids=range(8),
)
def test_what_cannot_be_planned_is_refused(args: dict[str, JsonValue], code: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("vlsm_plan", args)
    assert caught.value.code == code


def test_a_refusal_names_the_argument() -> None:
    with pytest.raises(ToolError, match="network: a prefix length is missing"):
        plan("10.0.0.0", 1)


def test_the_answer_tells_the_plan_in_both_languages() -> None:
    args: dict[str, JsonValue] = {"network": "10.0.0.0/29", "needs": [{"name": "lab", "hosts": 2}]}
    german = invoke("vlsm_plan", args, AnswerStyle(language="de")).answer
    assert german == "Plan für 10.0.0.0/29 (nutzbare Hosts): lab: 10.0.0.0/30 (2); frei: 10.0.0.4/30."
