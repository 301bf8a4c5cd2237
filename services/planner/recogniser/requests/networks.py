"""Networks, their division, and addresses."""

import re
from ipaddress import ip_address, ip_network

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.subnets import focus_of

_CIDR = r"(?<![\w.:/])(?:\d{1,3}(?:\.\d{1,3}){3}|(?i:[0-9a-f:]{2,40}(?=/)))/\d{1,3}(?![\w/])"
_IP = (
    r"(?<![\w.:/])(?:\d{1,3}(?:\.\d{1,3}){3}|(?i:::ffff:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}))"
    r"(?![\w/]|\.\d)"
)
_NETWORK = words("network subnet net netz netzwerk subnetz lan vlan ip address adresse addresses range cidr")


_QUESTIONS = words("what what's which how was wie welche welches welcher welchem")


# of another network, or another host
_OTHER_PLACE = re.compile(r"\b(?:next|after|nach|before|vor|nächste\w*|last but|second|vorletzte\w*|zweite\w*)\b")


def _subnet(reading: Reading) -> ToolCall | None:
    if _OTHER_PLACE.search(reading.text.lower()):
        return None
    cidr = reading.only("cidr")
    named = {text for kind, text in reading.pieces if kind == "k"}
    is_list = named & {"hosts", "host", "addresses", "adressen"} and len(named) == 1
    if len(named) > 1:
        named -= {"netz", "netzwerk", "network"}  # the thing, not the fact
    has_host = any("host" in text or "adress" in text or "address" in text for text in named)
    if any(re.fullmatch(r"(?:first|last|erste|letzte).*", text) for text in named) and not has_host:
        return None
    if not named or is_list or named <= {"usable", "hosts", "usable hosts"}:
        return None
    is_open = not _QUESTIONS.isdisjoint(reading.words) or any(
        text.startswith(("which", "in welche", "zu welche", "welche", "how", "wie")) for text in named
    )
    if ("my" in reading.words and not is_open) or not _is_network(cidr):
        return None
    unclear = any(kind == "u" for kind, _ in reading.pieces) or not {"what", "which"} & set(reading.words)
    if named == {"network"} and unclear:
        return None
    return ToolCall("subnet_calc", {"cidr": cidr}, focus_of(named.pop()) if len(named) == 1 else None)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


_UNIT = (
    r"(?:hosts?|devices?|geräte?n?|rechnern?|clients?|machines?|addresses|adressen|ips|users?|nutzern?|plätze?n?"
    r"|computers?"
    r"|endgeräte?n?|pcs?|stationen|teilnehmern?|arbeitsplätze?n?)"
)
_SIZE = rf"\d{{1,7}}(?: ?{_UNIT})?"
_GENERIC = (
    r"(?:(?:the|die|der|das|den|our|unsere?|abteilung|department|team|site|standort|network|netz|subnetz|subnet|lan"
    r"|vlan) )"
)
_NO_NAME = (
    r"(?!(?:for|für|and|und|with|mit|of|into|needs?|in|auf|groups|to|the|die|der|das|den|each|je|are|sind|have|has"
    r"|about"
    r"|von|aus|vlsm|at|least|mindestens|plus|then|dann|noch|subnets?|subnetze?n?|networks?|netze|is|ist|hosts?"
    r"|devices?|geräte?n?|addresses|adressen|ips|rechnern?)(?![\w=:(]))"
)
_NAME = rf"{_NO_NAME}[^\W\d_][\w-]{{0,20}}"
_NEEDS = (
    r"(?:needs?|requires?|wants?|gets?|has|have|braucht|brauchen|benötigt|benötigen|hat|haben|bekommt)"
    r"(?: (?:about|at least|etwa|mindestens))?"
)
_NEED = (
    rf"(?<![\w./])(?i:{_GENERIC}{{0,2}}(?P<n1>{_NAME})(?: (?:network|netz|department|team|lan|vlan|subnet))?"
    rf"(?: ?[:=]? ?\(?| {_NEEDS} ){_SIZE}\)?|{_SIZE} ?(?:\((?P<n2>{_NAME})\)|(?:for|für|in"
    rf"|im) {_GENERIC}{{0,2}}(?P<n3>{_NAME}))"
    rf"|\d{{1,7}} {_UNIT} {_GENERIC}?(?P<n4>{_NAME}))(?![\w/]|\.\d|-\w)"
)
_ONE_NEED = re.compile(_NEED)
_UNNAMED = re.compile(r"\?P<n\d>")


_WORD = re.compile(r"[^\W\d_]+")
_IN_AN_ORDER = words(
    "first last start starting begin beginning reserve reserved spare growth zuerst zuletzt beginnend reserviert"
    " zuwachs puffer excluding gateway gateways router plus ohne exklusive free frei freie freien"
)
_NUMBER_OF_NETWORKS = re.compile(
    r"(?<![\w./])(?:\d{1,3}|two|three|four|five|six|zwei|drei|vier|fünf|sechs) (?:[a-zäöü]+ )?(?:sub-?|v?lans?|net)"
    r"(?:net(?:work)?s?|netze?n?|work?s|ze?n?)? .*(?:\beach\b|\bje\b|\bjeweils\b|\bone\b|\bein\w*\b|\d.*\d)"
)


def _planned(reading: Reading) -> ToolCall | None:
    """Needs with a name and a number each, or numbers alone."""
    named = [_need(text) for text in reading.all("need")]
    plain = [int(text) for text in reading.all("size")]
    if not reading.has("plan") or not _is_network(reading.only("cidr")) or bool(named) == bool(plain):
        return None
    if _IN_AN_ORDER & set(_WORD.findall(reading.text.lower())) or _NUMBER_OF_NETWORKS.search(reading.text.lower()):
        return None
    if plain and any(kind in "ut" for kind, _ in reading.pieces):
        return None  # names that no pattern reads
    needs: list[JsonValue] = [{"name": name, "hosts": hosts} for name, hosts in named] or [
        {"name": f"subnet {place}", "hosts": size} for place, size in enumerate(plain, start=1)
    ]
    return ToolCall("vlsm_plan", {"network": reading.only("cidr"), "needs": needs}) if len(needs) > 1 else None


def _need(text: str) -> tuple[str, int]:
    found, size = _ONE_NEED.match(text), re.search(r"(?<![\w-])\d+", text)
    names = [] if found is None else [name for name in found.groups() if name]
    return (names[0] if names else text, int(size.group()) if size else 0)


def _address(reading: Reading) -> ToolCall | None:
    try:
        ip_address(reading.only("ip"))
    except ValueError:
        return None
    is_wanted = {"need", "give", "get", "assign", "want", "brauche", "gib"} & set(reading.words) and not reading.has(
        "form"
    )
    return ToolCall("ip_facts", {"address": reading.only("ip")}) if reading.keys and not is_wanted else None


REQUESTS = (
    Request(
        ("/",),
        {"cidr": _CIDR},
        {
            "fact": r"(?:subnet|subnetz|network|netz(?:werk)?)[- ](?:infos?|details|summary|daten|facts)"
            r"|(?:network|netz(?:werk)?|broadcast|first|last|erste[rnms]?|letzte[rnms]?|usable"
            r"|host)(?:[- ]?(?:address(?:es)?|adressen?|ip|hosts?|range))?|(?:subnet ?|net ?|network "
            r"|(?:sub)?netz(?:werk)?)"
            r"mas(?:k|ke)s?|wildcard(?:[- ]?mas(?:k|ke))?|mas(?:k|ke)|host range|address range|adressbereich"
            r"|subnetzmaske"
            r"|how many (?:usable )?(?:hosts|addresses|ips)|hosts?|usable hosts|hostbereich|nutzbare?n? (?:hosts|ips)"
            r"|wie ?viele (?:nutzbare |verwendbare )?(?:hosts|adressen|rechner|geräte|endgeräte)"
            r"|how many (?:devices|machines|computers|clients)"
            r"|(?:in |to )?(?:which|what) (?:sub)?net(?:work)?(?! ?mask)|(?:in "
            r"|zu )?welche[mns] (?:sub)?netz(?:werk)?(?! ?maske)"
            r"|(?:welche|which) (?:adressen|addresses|ips?|hosts) (?:sind|are|kann ich|can i)(?: (?:da|there|in it"
            r"|darin))?"
            r" (?:nutzbar|usable|verwendbar|frei|available|assign|use|vergeben|nutzen)",
        },
        _subnet,
        _NETWORK | words("rein hinein bekommen zugeteilt zugewiesen assigned"
                         " handed got given liegt lies damit darin vpn router"
                         " drucker printer server client provider details summary info alles passen adresse belong"
                         " belongs usable fit first last nutzbarer nutzbaren nutzbare hosts address host"
                         " gehört size gateway"
            " devices"),
        3,
    ),
    Request(
        ("/",),
        {
            "cidr": _CIDR,
            "need": _UNNAMED.sub("?:", _NEED),
            "size": r"(?<![\w./])\d{1,7}(?![\w/]|\.\d)",
        },
        {
            "plan": r"^subnet(?= )|(?:per |mit |with |using |via )?vlsm(?:[- ]?plan)?|(?:subnet|address(?:ing)?) plan"
            r"|split(?: up)?|divid(?:e|ing)"
            r"|partition(?:iere|ieren)?"
            r"|carve(?: up)?|cut(?: up)?|slice(?: up)?|(?:auf|ein|unter|ver)?teile[nt]?|aufzuteilen|aufgeteilt"
            r"|aufteilung"
            r"|plane?n?|zerlege[nt]?|zerlegt|zerlegung|allocate|subnetting|into subnets|in subnetze?n?|(?:subnetz"
            r"|adress)-?plan"
            r"|make a (?=vlsm)|subnetten|subnette|zerschneiden?",
            "fill": r"subnets?|subnetze?|into|for|with|hosts?|in|für|mit|and|und|needs?|have|plan|auf|um"
                r"|brauche[nt]?|each|je|up|accordingly|entsprechend",
        },
        _planned,
        _NETWORK | words("hosts departments department offices abteilungen make create mache erstelle please sollen"
                         " soll should"
                         " rest new neue"
            " building site"
                         " gebäude standort abteilung team teams vlans sieht networks"),
        4,
    ),
    Request(
        ("ip", "address", "adresse", "privat",
         "public", "öffentlich", "loopback", "multicast", "ptr", "reverse", "expand",
         "compress", "link-local", "full form", "langform", "arpa", "rout", "erreichbar", "reachable", "special",
         "reserv", "länge", "shorten", "kürz", "ausgeschrieben", "was ist das", "besonder"),
        {"ip": _IP},
        {"fact": r"(?:everything )?about|facts|infos?|details|information(?:en)?|private?|public|loopback|link[- ]local"
            r"|multicast|reserved|global(?:ly routable)?|routable"
            r"|rout(?:able|bar)(?: on the (?:public )?internet| im internet)?|reachable from the internet"
            r"|was ist das(?: für eine?)?(?: ip(?:v[46])?)?(?:-?adresse)?|special(?: about)?|besondere\w*|embedded"
            r"|eingebettet"
            r"|welche ipv?[46]?(?:-?adresse)? steckt|documentation|dokumentation\w*|unique local"
            r"|carrier[- ]grade(?: nat)?|cgnat"
            r"|öffentlich\w*(?: erreichbar\w*)?|für eine? (?:ip|adresse)"
                 r"|privat\w*|reserviert\w*|(?:what )?(?:kind|type|sort) of(?: ip)?(?: address)?|was für eine|art",
         "form": r"shorten(?:ed)?|short|abbreviat\w*|(?:ver|ab)?kürzen|verkürze?|expand(?:ed)?"
            r"|full(?: form)?|compress(?:ed)?|short(?:ened|est)? form|reverse(?: dns)?"
                 r"(?: name)?|ptr(?: (?:record|name))?|langform|kurzform|ausgeschrieben\w*|integer|decimal"
                 r"|dezimal|(?:in-addr|ip6)(?:\.arpa)?|arpa|voller länge|ganzer länge|lange schreibweise"
                 r"|kurze schreibweise"
                 r"|ungekürzt|gekürzt|schreib\w*(?=.* aus)|reverse[- ]?zone|zonennamen?"},
        _address,
        _NETWORK | words("internet zone zonendatei file eintrag notation bedeutet bedeutung aus steckt ipv6 ipv4"
            " form full its router log name record vollständig bereich gehört range"),
        4,
        yes_or_no=True,
    ),
)  # fmt: skip
