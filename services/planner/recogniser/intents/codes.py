"""Codes with check digits, identifiers, versions, colours and addresses."""

from collections.abc import Callable

from services.planner.recogniser.days import may_be_a_date
from services.planner.recogniser.filler import words
from services.planner.recogniser.wording import Intent, Meaning, Wording

_VALID = Meaning(
    "valid",
    r"real|proper|legit(?:imate)?|genuine|valid(?:ate|ity|ated)?|correct(?:ness)?|check(?:s|ed)?(?: out)?"
    r"|verify|verified|right|ok(?:ay)?"
    r"|pass(?:es)?|satisf(?:y|ies)",
    r"(?:luhn-)?gültig(?:e[rnms]?|keit)?|korrekt(?:e[rnms]?)?|richtig(?:e[rnms]?)?|prüfe|prüfen|überprüfe|überprüfen"
    r"|validiere|validieren|echt(?:e[rnms]?)?|stimmt|passt|besteht|erfüllt|check",
)
_EXTRA = words(
    "digits printed iban isbn under according code number check digit test algorithm run against"
    " prüfziffer nummer prüfung verfahren"
    " algorithmus formel imei sim card karte kartennummer kreditkarte"
)


def _with(*kinds: str, form: str) -> Callable[[Wording], str | None]:
    """Write the form only if all of these meanings are present."""
    return lambda wording: form if all(wording.has(kind) for kind in kinds) else None


def _validity(cues: tuple[str, ...], code: str, english: str, german: str, form: str) -> Intent:
    names = Meaning("name", english, german)
    return Intent(cues, {"code": code}, (names, _VALID), _EXTRA, _with("name", "valid", form=form), yes_or_no=True)


IBAN = _validity(  # the form of an IBAN identifies it
    ("iban",),
    r"(?:[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}|[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)(?!\w)",
    r"iban(?: number)?",
    r"iban(?:-nummer)?",
    "is <code> a valid iban",
)
ISBN = _validity(
    ("isbn",),
    r"(?:97[89](?:[ -]?[0-9]){10}|[0-9](?:[ -]?[0-9]){8}[ -]?[0-9xX])(?!\w)",
    r"isbn(?:[- ]1[03])?(?: number)?",
    r"isbn-nummer",
    "is <code> a valid isbn",
)
EAN = _validity(
    ("ean", "gtin", "barcode", "strichcode"),
    r"(?:\d{13}|\d{8})(?!\w)",
    r"(?:ean|gtin)(?:[- ]?(?:13|8))?(?: code| barcode| number)?|barcode",
    r"(?:ean|gtin)-?(?:code|nummer)|strichcode",
    "is <code> a valid ean",
)


def _luhn(wording: Wording) -> str | None:
    """`compute the luhn check digit for 7992739871` wants the digit that is missing."""
    is_missing = wording.has_word("digit", "prüfziffer") and wording.has_word(
        "compute", "calculate", "find", "berechne"
    )
    if is_missing or not wording.has("name"):
        return None
    return "luhn-prüfung von <code>" if wording.tongue == "de" else "luhn check <code>"


LUHN = Intent(
    ("luhn",),
    {"code": r"\d(?:[ -]?\d){7,22}(?!\w)"},
    (
        Meaning(
            "name",
            r"luhn(?:[- ](?:check|test|algorithm|number|formula))?",
            r"luhn-?(?:prüfung|prüfziffer|check|test|algorithmus|verfahren|nummer|zahl|gültig)",
        ),
        _VALID,
    ),
    _EXTRA,
    _luhn,
    yes_or_no=True,
)
CARD = Intent(
    ("card", "karte"),
    {"code": r"\d(?:[ -]?\d){12,18}(?!\w)"},
    (
        Meaning("name", r"(?:credit |debit |payment )?card(?: number)?", r"kreditkarten?(?:-?nummer)?"),
        _VALID,
    ),
    _EXTRA,
    _with("name", "valid", form="luhn check <code>"),
    yes_or_no=True,
)
UUID = Intent(
    ("uuid", "guid"),
    {"code": r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?!\w)"},
    (
        Meaning(
            "fact",
            r"time ?stamps?|created|versions?|inspect|decode|analy[sz]e|details?|facts?|type|variant|kind",
            r"zeitstempel|erzeugt|auswerten|analysiere|analysieren|dekodiere|dekodieren|typ|variante|was für",
        ),
        _VALID,
        Meaning("name", r"uuids?|guid"),
    ),
    _EXTRA,
    lambda wording: (
        "is <code> a valid uuid" if wording.has("name") and (wording.has("fact") or wording.has("valid")) else None
    ),
    yes_or_no=True,
)


def _versions(wording: Wording) -> str | None:
    are_dates = all(may_be_a_date(token.text) for token in wording.all("version"))
    is_clear = not are_dates or wording.has_word("version", "versions", "versionen", "release", "semver")
    return "compare versions <version> and <version>" if wording.has("order") and is_clear else None


VERSIONS = Intent(
    ("version", "semver", "newer", "older", "neuer", "älter", "release", "later", "latest", "höher"),
    {"version": r"(?i:v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0"
        r"|[1-9]\d*)(?:-[0-9a-z.-]*[0-9a-z])?(?:\+[0-9a-z.-]+)?)(?!\w)"},
    (
        Meaning(
            "order",
            r"newer|older|bigger|after|before|precede[sd]?|higher|lower|greater|later|more recent|newest"
            r"|latest|oldest|compare|comparison"
            r"|semver|precedence",
            r"neuere[rns]?|neuer|ältere[rns]?|älter|höher|niedriger|aktueller|neueste|vergleiche|vergleichen|vergleich",
        ),
    ),
    words("according come comes app store one zwei welche one versions vs versus version versions"
          " versionen semantic semver or than oder als release precedence order"),
    _versions,
    yes_or_no=True,
)  # fmt: skip
_PART = r"\d{1,3}(?:\.\d{1,4})?%?"
_NOTATIONS = ("hex", "rgb", "hsl", "hsv", "cmyk")


def _color(wording: Wording) -> str | None:
    """The question may name the colour's own notation besides the requested one."""
    colors = wording.all("color")
    own = "" if not colors else "hex" if colors[0].text.startswith("#") else colors[0].text[:3]
    wanted = [name for name in _NOTATIONS if wording.has(name) and name != own]
    return f"convert <color> to {wanted[0]}" if len(wanted) == 1 else None


COLOR = Intent(
    ("#", "rgb(", "hsl("),
    {"color": rf"#(?i:[0-9a-f]{{6}}|[0-9a-f]{{3}})(?!\w)|(?i:rgb|hsl)\({_PART}, ?{_PART}, ?{_PART}\)"},
    tuple(Meaning(name, rf"{name}(?!\()") for name in _NOTATIONS),
    words(
        "convert converted turn change color colour code notation format equivalent farbe farbcode farbwert wandle"
        " umwandeln umrechnen um konvertiere konvertieren codes wert"
    ),
    _color,
)
IP_KINDS = (
    ("private", r"private|public|loopback|link[- ]local|multicast|reserved|global",
     r"link-lokale?|privat(?:e[rnms]?)?|öffentlich(?:e[rnms]?)?|reserviert(?:e[rnms]?)?"),
    ("form", r"expand(?:ed)?|full form|compress(?:ed)?|reverse(?: dns)?(?: name)?|ptr(?: (?:record"
             r"|name))?", r"ausgeschrieben|langform|kurzform"),
    ("kind", r"types?|kind|sort", r"typ|art|was für"),
)  # fmt: skip


def _kind_of_address(wording: Wording) -> str | None:
    """`I need a public address for 10.0.0.5` requests another address."""
    is_asked = wording.has("kind") and wording.has_word("ip", "address", "adresse")
    is_either = wording.has("private") and (
        wording.has_word(*_EITHER) or not wording.has_word("a", "an", "eine", "for")
    )
    is_wanted = wording.has_word("need", "give", "get", "want", "find", "brauche", "gib", "suche")
    is_asked = is_asked or wording.has("form")
    return "is <ip> private or public" if (is_asked or is_either) and not is_wanted else None


_EITHER = ("is", "ist", "ob", "whether", "if", "or", "oder", "check", "verify", "prüfe", "prüfen", "what", "what's")
ADDRESS = Intent(
    (
        "ip",
        "address",
        "adresse",
        "privat",
        "public",
        "öffentlich",
        "link-lo",
        "loopback",
        "multicast",
        "ptr",
        "reverse",
        "expand",
    ),
    {"ip": r"(?i:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w/.]*[\w/])"},
    tuple(Meaning(kind, english, german) for kind, english, german in IP_KINDS),
    words("name record its it network ip ipv6 ipv address adresse ip-adresse or oder check verify prüfe prüfen"),
    _kind_of_address,
    yes_or_no=True,
)
_CIDR = r"(?i:[0-9a-f:.]{2,45}/\d{1,3})(?!\w)"
_USABLE = r"(?:usable|valid|available|assignable|possible)"
_USABLE_DE = r"(?:nutzbare|verwendbare|gültige|verfügbare)[nr]?"
SUBNET = Intent(
    ("/",),
    {"cidr": _CIDR},
    (
        Meaning(
            "broadcast",
            r"broadcast(?: (?:address|ip))?",
            r"broadcast-?(?:adresse|ip)",
            "broadcast address of <cidr>",
        ),
        Meaning(
            "mask",
            r"(?:subnet ?|net ?|network )masks?",
            r"(?:sub)?netz(?:werk)?maske|subnetmaske",
            "netmask of <cidr>",
        ),
        Meaning("wildcard", r"wildcard(?: mask)?", r"wildcard-?maske", "wildcard of <cidr>"),
        Meaning("base", r"network (?:address|id)", r"netz(?:werk)?-?adresse", "network address of <cidr>"),
        *(
            Meaning(
                english,
                rf"{english} (?:{_USABLE} )?host(?: address| ip)?|{english} {_USABLE} (?:ip|address)",
                rf"{german}[rn]? (?:{_USABLE_DE} )?(?:host|ip|adresse)",
                f"{english} host of <cidr>",
            )
            for english, german in (("first", "erste"), ("last", "letzte"))
        ),
        Meaning(
            "hosts",
            rf"(?:how many|number of|count(?: of)?(?: the)?)(?: {_USABLE})? (?:hosts|devices|machines"
            rf"|computers)(?: addresses)?"
            rf"|{_USABLE} hosts? count|{_USABLE} hosts(?=.* count)",
            rf"(?:wie ?viele|anzahl (?:der |an )?|zähle die )(?: ?{_USABLE_DE})? ?(?:hosts|rechner|geräte|computer)"
            rf"|{_USABLE_DE} hosts(?=.* zählen)",
            "how many usable hosts in <cidr>",
        ),
    ),
    words(
        "network subnet net cidr block range netz netzes netzwerk netzwerks subnetz subnetzes fit fits hold holds"
        " contain contains count possible passen passt hat enthält gehört zählen"
    ),
)  # fmt: skip
INTENTS = (IBAN, ISBN, EAN, LUHN, CARD, UUID, VERSIONS, COLOR, SUBNET, ADDRESS)
