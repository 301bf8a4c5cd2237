"""The facts of a network as two sentences: the requested one, then the rest."""

from collections.abc import Mapping

from services.mcp.contract import AnswerStyle, Bilingual, Language
from services.mcp.tools.pure.networks.subnet_calc.models import SubnetResult

_NO_BROADCAST = Bilingual(
    en="{cidr} has no broadcast address: IPv6, /31 and /32 networks have none.",
    de="{cidr} hat keine Broadcast-Adresse: IPv6-, /31- und /32-Netze haben keine.",
)
_FOCUS: Mapping[str, Bilingual] = {
    "network": Bilingual(
        en="The network address of {cidr} is {network}.", de="Die Netzadresse von {cidr} ist {network}."
    ),
    "broadcast": Bilingual(
        en="The broadcast address of {cidr} is {broadcast}.", de="Die Broadcast-Adresse von {cidr} ist {broadcast}."
    ),
    "netmask": Bilingual(en="The netmask of {cidr} is {netmask}.", de="Die Netzmaske von {cidr} ist {netmask}."),
    "wildcard": Bilingual(
        en="The wildcard mask of {cidr} is {wildcard}.", de="Die Wildcard-Maske von {cidr} ist {wildcard}."
    ),
    "first_host": Bilingual(
        en="The first usable host of {cidr} is {first_host}.", de="Der erste nutzbare Host von {cidr} ist {first_host}."
    ),
    "last_host": Bilingual(
        en="The last usable host of {cidr} is {last_host}.", de="Der letzte nutzbare Host von {cidr} ist {last_host}."
    ),
    "range": Bilingual(
        en="The usable hosts of {cidr} are {first_host} to {last_host}.",
        de="Die nutzbaren Hosts von {cidr} sind {first_host} bis {last_host}.",
    ),
    "usable_hosts": Bilingual(
        en="{cidr} has {usable_hosts} usable host addresses.", de="{cidr} hat {usable_hosts} nutzbare Host-Adressen."
    ),
    "total_addresses": Bilingual(
        en="{cidr} has {total_addresses} addresses in total.", de="{cidr} hat insgesamt {total_addresses} Adressen."
    ),
}
_FACTS: Mapping[str, Bilingual] = {
    "network": Bilingual(en="network {network}", de="Netz {network}"),
    "broadcast": Bilingual(en="broadcast {broadcast}", de="Broadcast {broadcast}"),
    "netmask": Bilingual(en="netmask {netmask}", de="Netzmaske {netmask}"),
    "range": Bilingual(en="hosts {first_host} to {last_host}", de="Hosts {first_host} bis {last_host}"),
    "usable_hosts": Bilingual(en="{usable_hosts} usable", de="{usable_hosts} nutzbar"),
}
FOCUSES = tuple(_FOCUS)


def phrase(result: SubnetResult, style: AnswerStyle) -> str:
    """The fact in focus first, then a summary in parentheses; without a focus the summary alone."""
    fields = {name: str(value) for name, value in result.model_dump().items()}
    facts = [
        text.text(style.language)
        for name, text in _FACTS.items()
        if name != style.focus and not (name == "broadcast" and result.broadcast is None)
    ]
    summary = ", ".join(facts).format_map(fields)
    if style.focus is None:
        return f"{result.cidr}: {summary}."
    return f"{_focused(result, style.focus, style.language).format_map(fields)} ({summary})"


def _focused(result: SubnetResult, focus: str, language: Language) -> str:
    missing = focus == "broadcast" and result.broadcast is None
    return (_NO_BROADCAST if missing else _FOCUS[focus]).text(language)
