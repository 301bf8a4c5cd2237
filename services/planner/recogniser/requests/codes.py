"""Codes with check digits, identifiers, versions and colours."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.colors import NAMES
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.requests.reader import Build, Reading, Request

_VALID = (
    r"valid(?:ate|ity|ated|ation)?|correct(?:ness)?|check(?:s|ed)?(?:[- ](?:digit|sum|out))?|verify|verified"
    r"|right|ok(?:ay)?"
    r"|pass(?:es)?|real|legit(?:imate)?|genuine|proper|typo|mistyped|invalid|bogus|fake|convert(?:ed)?|make"
    r"|gültig(?:e[rnms]?|keit)?|korrekt(?:e[rnms]?)?|richtig(?:e[rnms]?)?|prüfe?n?|überprüfe?n?|validiere?n?"
    r"|stimmt|passt"
    r"|echt(?:e[rnms]?)?|prüfziffer|prüfsumme|tippfehler|ungültig|in ordnung|besteht|checke?"
)
_OWN = words(
    "code format number digits digit printed supplier landlord invoice rechnung steht says account konto nummer ziffern"
    " barcode bank sepa typed in form bringen 13-stellige stellige version form checksum the transfer"
    " überweisung kontonummer auf customer vendor lieferant label sticker etikett scanned says read library"
    " algorithm algorithmus check test run formula verfahren satisfies satisfy erfüllt card karte kreditkarte credit"
    " imei visa mastercard amex phone please kind digit's"
)


def _bare(reading: Reading) -> str:
    """The only code, with or without quotes."""
    codes = [*reading.all("code"), *reading.all("quoted")]
    return codes[0] if len(codes) == 1 else ""


def _checked(tool: str, argument: str, pattern: str, drop: str) -> Build:
    shape = re.compile(pattern)

    def build(reading: Reading) -> ToolCall | None:
        code = _bare(reading).strip()
        is_clear = reading.has("valid") or not any(kind == "u" for kind, _ in reading.pieces)
        is_named = reading.has("name") or (tool == "iban_check" and reading.has("valid"))
        if not shape.fullmatch(code) or not is_named or not is_clear:
            return None
        digits = "".join(sign for sign in code if sign not in drop)
        return ToolCall(tool, {argument: digits if tool == "isbn_check" else digits.upper()})

    return build


def _check(cues: tuple[str, ...], tool: tuple[str, str], pattern: str, name: str, drop: str = " ") -> Request:
    return Request(
        cues,
        {"code": rf"(?<![\w-]){pattern}(?![\w-])", "quoted": MARK},
        {"name": name, "valid": _VALID},
        _checked(*tool, pattern, drop),
        _OWN,
        5,
        yes_or_no=True,
    )


def _versions(reading: Reading) -> ToolCall | None:
    versions = reading.all("version")
    if len(versions) != 2 or not reading.has("order"):
        return None
    first, second = (version.removeprefix("v") for version in versions)
    return ToolCall("semver_compare", {"version1": first, "version2": second})


_NOTATIONS = ("hex", "rgb", "hsl", "hsv", "cmyk", "name")


def _color(reading: Reading) -> ToolCall | None:
    colors = [*reading.all("color"), *reading.all("named")]
    own = "" if not colors else "hex" if colors[0][0] == "#" else "name"
    own = colors[0].split("(")[0].lower() if colors and "(" in colors[0] else own
    wanted = [name for name in dict.fromkeys(reading.keys) if name in _NOTATIONS and name != own]
    if len(colors) != 1 or len(wanted) != 1 or (reading.all("named") and wanted == ["name"]):
        return None
    return ToolCall("color_convert", {"color": colors[0], "to": wanted[0]})


def _uuid(reading: Reading) -> ToolCall | None:
    return (
        ToolCall("uuid_facts", {"uuid": reading.only("code")})
        if (reading.only("code") and (len(set(reading.keys)) > 1 or not any(kind == "u" for kind, _ in reading.pieces)))
        else None
    )


_PART = r"\d{1,3}(?:\.\d{1,4})?(?:%|°)?"
_SEMVER = (
    r"(?<![\w.])(?i:v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0"
    r"|[1-9]\d*)(?:-[0-9a-z.-]*[0-9a-z])?(?:\+[0-9a-z.-]*[0-9a-z])?)"
    r"(?![\w]|\.\d)"
)
REQUESTS = (
    _check(
        ("iban", "valid", "prüf", "check", "verify", "korrekt", "correct"),
        ("iban_check", "iban"),
        r"[A-Za-z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?",
        r"ibans?(?:[- ](?:number|nummer))?",
    ),
    _check(
        ("isbn",),
        ("isbn_check", "isbn"),
        r"(?:97[89](?:[ -]?[0-9]){10}|[0-9](?:[ -]?[0-9]){8}[ -]?[0-9xX])",
        r"isbn(?:[- ]?1[03])?(?:[- ](?:number|nummer))?",
        "",
    ),
    _check(
        ("ean", "gtin", "upc", "barcode", "strichcode"),
        ("ean_check", "ean"),
        r"(?:\d{13}|\d{12}|\d{14}|\d{8})",
        r"(?:ean|gtin|upc)(?:[- ]?(?:a|14|13|12|8))?(?:[- ]?(?:code|barcode|number|nummer))?|barcode|strichcode",
    ),
    _check(
        ("luhn",),
        ("luhn_check", "number"),
        r"\d(?:[ -]?\d){7,22}",
        r"luhn(?:[- ]?(?:ziffer|check|test|algorithm|number|formula|prüfung|prüfziffer|algorithmus"
        r"|verfahren))?(?:-gültig)?",
        " -",
    ),
    _check(
        ("card", "karte", "imei"),
        ("luhn_check", "number"),
        r"\d(?:[ -]?\d){12,22}",
        r"(?:credit|debit)?[- ]?card(?:[- ]number)?|kredit(?:karte|kartennummer)|kartennummer|imei",
        " -",
    ),
    Request(
        ("uuid", "guid", "timestamp", "zeitstempel", "version"),
        {"code": r"(?<!\w)(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?!\w)"},
        {
            "name": r"uuids?|guids?",
            "fact": r"time ?stamps?|zeitstempel|versions?|created|generated|variant|variante|erzeugt|erstellt"
            r"|when|wann|decode|inspect|details|valid|gültig|rfc|entstanden|mac|node|art|typ|kind|type"
        },
        _uuid,
        _OWN | words("inside embedded uuid guid encode hidden enthalten steckt time of"),
        4,
        yes_or_no=True,
    ),
    Request(
        ("version", "semver", "new", "old", "neu", "alt", "ält",
         "release", "later", "latest", "höher", "higher", "upgrade",
         "preced", "recent", "compare", "first", "lower", "aktuell"),
        {"version": _SEMVER},
        {
            "order": r"new(?:er|est)|old(?:er|est)|bigger|after|before|precede[sd]?|precedence|higher|highest"
                r"|lower|greater"
            r"|later|latest|(?:more )?recent|compare|comparison|semver|which (?:one )?(?:comes|is) first|comes first"
            r"|neuere[rns]?|neuer|ältere[rns]?|älter|höhere?|niedriger|aktuellere?|neueste|vergleiche?n?"
            r"|vergleich|rangfolge|vorrang",
        },
        _versions,
        words("according come comes app store one zwei welche versions vs versus version semantic or than oder"
            " als release"
              " order offers run running theirs vendor rules by versionsnummern versionsnummer beiden laut nach package"
              " library installed beta alpha rc pre-release prerelease final upgrade under how"),
        4,
        yes_or_no=True,
    ),
    Request(
        ("#", "rgb", "hsl", "hsv", "cmyk", "hex"),
        {
            "color": rf"#(?i:[0-9a-f]{{6}}|[0-9a-f]{{3}})(?!\w)|(?i:rgb|hsl|hsv"
                rf"|cmyk)\(\s?{_PART}(?:,? ?{_PART}){{2,3}}\s?\)",
            "named": rf"(?<![\w-])(?i:{NAMES})(?![\w-])",
        },
        {
            **{name: rf"(?:in |to |as |als |nach )?{name}(?:adecimal"
                rf"|adezimal)?(?!\()(?:[- ]?(?:colou?r )?(?:codes?|values?"
               r"|notation|wert(?:e|s|en)?|farbwerte?|farbcode|triplet|numbers))?"
               for name in _NOTATIONS if name != "name"},
            "name": r"(?:css|colou?r)[- ]?names?|name[dsn]?|(?:css-)?farbname[n]?",
        },
        _color,
        words("css colour color html code value values farbe farbcode farbwert css-farbe convert wandle um"
            " designer website"
              " brand logo gave background deren dessen look equivalent triplet notation nearest hexwert"
              " hintergrund version"),
        4,
    ),
)  # fmt: skip
