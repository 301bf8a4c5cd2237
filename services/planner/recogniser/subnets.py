"""Recognises questions about one network: `what is the broadcast address of 172.20.128.0/19`."""

import re
from collections.abc import Sequence
from ipaddress import ip_interface

from services.planner.recogniser.call import ToolCall

_CIDR = r"(?P<cidr>[0-9a-f:.]{2,45}/\d{1,3})"
_NET_EN = (
    r"(?:(?:a |an |the )?(?:(?:ip|ipv4|ipv6) )?(?:network|subnet|net|cidr|cidr block|block|prefix) )?(?:a |the )?"
    rf"{_CIDR}(?: (?:network|subnet|net|block))?"
)
_NET_DE = (
    r"(?:(?:dem |das |des |der |einem )?(?:netz|netzes|netzwerk|netzwerke?s|subnetz|subnetze?s|cidr|präfix) )?" + _CIDR
)

_USABLE_EN = r"(?:usable|valid|available|assignable)"
_HOST_EN = rf"(?:{_USABLE_EN} (?:host|ip|address|ip address|host address|host ip)|host(?: address| ip(?: address)?)?)"
_HOSTS_EN = r"(?:hosts|host addresses|ip addresses|ips|addresses)"
_USABLE_DE = r"(?:nutzbare|verwendbare|gültige|verfügbare)[nr]?"
_HOST_DE = rf"(?:{_USABLE_DE} (?:host|ip|adresse|ip-adresse|host-?adresse)|host(?:-?adresse)?)"
_HOSTS_DE = r"(?:hosts|rechner|host-?adressen|ip-?adressen|ips|adressen)"

_COUNT_EN = rf"(?P<usable>{_USABLE_EN} )?(?P<noun>{_HOSTS_EN})"
_COUNT_DE = rf"(?P<usable>{_USABLE_DE} )?(?P<noun>{_HOSTS_DE})"

# aspect -> focus of the tool; an empty focus requests the summary
_ASPECTS: tuple[tuple[str, str], ...] = (
    (r"broadcast(?:[- ]?(?:address(?:es)?|adressen?|ip)(?: address)?)?", "broadcast"),
    (r"(?:net ?|subnet ?|network )?masks?|(?:sub)?netz(?:werk)?masken?|subnetmasken?", "netmask"),
    (r"net(?:work)?(?: address(?:es)?| id)|network|base address|netz(?:werk)?(?:-?adressen?|[- ]?id)", "network"),
    (r"wildcard(?:[- ]?maske?)?|inverse mask", "wildcard"),
    (rf"first {_HOST_EN}|erste[rn]? {_HOST_DE}", "first_host"),
    (rf"last {_HOST_EN}|letzte[rn]? {_HOST_DE}", "last_host"),
    (rf"(?:{_USABLE_EN} )?host(?: ip| address)? range|{_USABLE_EN} (?:ip|ip address|address) range", "range"),
    (rf"range of (?:{_USABLE_EN} {_HOSTS_EN}|hosts)|{_USABLE_EN} {_HOSTS_EN}", "range"),
    (rf"(?:{_USABLE_DE} )?host-?(?:adress)?bereich|{_USABLE_DE} (?:ip-|adress)bereich", "range"),
    (rf"{_USABLE_DE} {_HOSTS_DE}", "range"),
    (r"(?:ip|address|ip address) range|ip-?bereich|adressbereich", ""),
    (r"subnet (?:details|info|information|facts|summary)|(?:sub)?netz(?:details|infos?|informationen)", ""),
)
_ASPECT = "|".join(f"(?:{pattern})" for pattern, _ in _ASPECTS)
_JOIN = r"(?:, | and (?:the )?|, and (?:the )?| & | und (?:die |der |den )?)"
_LIST = rf"(?P<aspects>(?:{_ASPECT})(?:{_JOIN}(?:{_ASPECT}))*)"

_LEAD_EN = (
    r"(?:(?:what is|what's|whats|what are|calculate|compute|find|determine|get|show me|show|name|i need) )?(?:the )?"
)
_LEAD_DE = (
    r"(?:(?:wie lautet|wie lauten|wie ist|wie sind|was ist|was sind|welche ist|welches ist|berechne|bestimme|ermittle"
    r"|zeige? mir|finde|ich brauche) )?(?:die |der |den |das )?"
)
_OF_DE = r"(?:von|für|des|der|vom|im|in|zu|zum|aus)"

_ASPECT_QUESTIONS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_LEAD_EN}{_LIST} (?:of|for|in|on|from) {_NET_EN}",
        rf"(?:what|which) {_LIST} (?:does|do|has) {_NET_EN}(?: have)?",
        rf"{_NET_EN} (?!network$){_LIST}",
        rf"{_LEAD_DE}{_LIST} {_OF_DE} {_NET_DE}",
        rf"welche[nrs]? {_LIST} (?:hat|haben|gehört zu) {_NET_DE}",
    )
)
_COUNT_QUESTIONS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"how many {_COUNT_EN} (?:(?:are|exist|fit|are there|are available|are possible) )?(?:in|into|on|within) "
        rf"{_NET_EN}",
        rf"how many {_COUNT_EN} (?:does|do|can|will) {_NET_EN} "
        r"(?:have|contain|hold|support|provide|offer|include|fit|accommodate|cover)",
        rf"{_LEAD_EN}number of {_COUNT_EN} (?:in|of|for|on) {_NET_EN}",
        rf"wie ?viele {_COUNT_DE} (?:hat|enthält|umfasst|bietet|(?:gibt es|sind|passen|stecken|liegen) (?:in|im)) "
        rf"{_NET_DE}",
        rf"{_LEAD_DE}anzahl (?:der |an )?{_COUNT_DE} {_OF_DE} {_NET_DE}",
    )
)


def recognise_subnet(core: str) -> ToolCall | None:
    """The call for a question about facts of exactly one valid network."""
    if "/" not in core:
        return None
    if found := _first_match(_ASPECT_QUESTIONS, core):
        return _call(found["cidr"], focus_of(found["aspects"]))
    if found := _first_match(_COUNT_QUESTIONS, core):
        about_hosts = bool(found["usable"]) or found["noun"].startswith(("host", "rechner"))
        return _call(found["cidr"], "usable_hosts" if about_hosts else "total_addresses")
    return None


def _first_match(patterns: Sequence[re.Pattern[str]], core: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.fullmatch(core))), None)


_COUNTED = re.compile(rf"(?:how many|wie ?viele|number of) (?:{_USABLE_EN} |{_USABLE_DE} )?(?:hosts|rechner)")


def focus_of(aspects: str) -> str | None:
    """The one requested aspect; None, for a summary, if there are several."""
    if _COUNTED.fullmatch(aspects):
        return "usable_hosts"
    for pattern, focus in _ASPECTS:
        if re.fullmatch(pattern, aspects):
            return focus or None
    return None


def _call(cidr: str, focus: str | None) -> ToolCall | None:
    try:
        ip_interface(cidr)
    except ValueError:
        return None
    return ToolCall("subnet_calc", {"cidr": cidr}, focus)
