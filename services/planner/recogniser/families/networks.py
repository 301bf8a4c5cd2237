"""Questions to divide a network, and about the kind of an address."""

import re
from ipaddress import ip_address, ip_network

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import Family, Found, rules

_CIDR = r"(?P<cidr>[0-9a-f:.]{2,45}/\d{1,3})"
# one number is the size of each subnet, not their count
_HOSTS = r"(?P<hosts>\d{1,7}(?:, \d{1,7}){0,20},? (?:and|und) \d{1,7})"
_NEED = r"[^\W\d_]{1,20}:? ?\(?\d{1,7}(?: hosts?)?\)?"
_NAMED = rf"(?P<named>{_NEED}(?:(?:, | and | und |; ){_NEED}){{1,20}})"
_NET_EN, _NET_DE = rf"(?:the )?(?:network )?{_CIDR}", rf"(?:das )?(?:netz |netzwerk )?{_CIDR}"
_IP = r"(?P<ip>[0-9a-f:.]{2,45})"
_IP_EN, _IP_DE = rf"(?:the )?(?:ip |ip address |address )?{_IP}", rf"(?:die )?(?:ip |ip-adresse |adresse )?{_IP}"
_KIND_EN = r"(?:private|public|valid|loopback|link-local|multicast|reserved|global)"
_KIND_DE = r"(?:private|öffentliche|gültige|loopback-?|link-local-?|multicast-?|reservierte|globale)"
_NAME_EN, _NAME_DE = r"(?:(?:ip(?:v[46])? )?address|ip(?:v[46])?)", r"(?:ip(?:v[46])?-?)?adresse"


def _divided(found: Found) -> ToolCall | None:
    hosts = [int(number) for number in re.findall(r"\d+", found["hosts"])]
    try:
        ip_network(found["cidr"], strict=False)
    except ValueError:
        return None
    needs: list[JsonValue] = [{"name": f"subnet {place}", "hosts": size} for place, size in enumerate(hosts, start=1)]
    return ToolCall("vlsm_plan", {"network": found["cidr"], "needs": needs})


def _divided_by_name(found: Found) -> ToolCall | None:
    start = found.written("named")
    needs: list[JsonValue] = [
        {"name": name, "hosts": int(hosts)} for name, hosts in re.findall(r"([^\W\d_]+):? ?\(?(\d+)", start)
    ]
    try:
        ip_network(found["cidr"], strict=False)
    except ValueError:
        return None
    return ToolCall("vlsm_plan", {"network": found["cidr"], "needs": needs})


def _address(found: Found) -> ToolCall | None:
    try:
        ip_address(found["ip"])
    except ValueError:
        return None
    return ToolCall("ip_facts", {"address": found["ip"]})


_RULES = (
    *rules(
        None,
        _divided_by_name,
        rf"(?:(?:split|divide|partition|carve up|teile|plan|plane|vlsm|vlsm-plan)(?: für| for| the| das)? )+{_CIDR}"
        rf"(?: (?:into|in) (?:subnets|subnetze)(?: for| für)?)?(?: auf)?:? {_NAMED}",
    ),
    *rules(
        "en",
        _divided,
        rf"(?:split|divide|partition) {_NET_EN} into subnets (?:for|with|of) {_HOSTS} hosts",
        rf"(?:plan )?vlsm (?:subnets )?(?:of|for) {_NET_EN} (?:for|with) {_HOSTS} hosts",
    ),
    *rules(
        "de",
        _divided,
        rf"teile {_NET_DE} in subnetze (?:für|mit|zu) {_HOSTS} hosts(?: auf| ein)?",
        rf"(?:plane )?vlsm für {_NET_DE} (?:für|mit) {_HOSTS} hosts",
    ),
    *rules(
        "en",
        _address,
        rf"is {_IP_EN} an? {_KIND_EN} {_NAME_EN}",
        rf"is {_IP_EN} (?:private|public)(?: or (?:public|private))?",
        rf"what (?:kind|type|sort) of {_NAME_EN} is {_IP_EN}",
    ),
    *rules(
        "de",
        _address,
        rf"ist {_IP_DE} eine {_KIND_DE} ?{_NAME_DE}",
        rf"ist {_IP_DE} (?:privat|öffentlich)(?: oder (?:privat|öffentlich))?",
        rf"was für eine {_NAME_DE} ist {_IP_DE}",
    ),
)
NETWORKS = Family(("hosts", "address", "adresse", "privat", "public", "öffentlich"), _RULES)
