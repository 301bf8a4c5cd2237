"""Questions about the validity of a code, the content of a UUID, and the newer of two versions."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Build, Family, Found, Rule, rules

_IBAN = r"(?P<code>[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?)"
_ISBN = r"(?P<code>[0-9](?:[ -]?[0-9]){8}[ -]?[0-9x]|97[89](?:[ -]?[0-9]){10})"
_EAN = r"(?P<code>\d{13}|\d{8})"
_DIGITS = r"(?P<code>\d(?:[ -]?\d){7,22})"
_UUID = r"(?P<code>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_SEMVER = r"v?(?P<{}>(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9a-z.-]+)?(?:\+[0-9a-z.-]+)?)"
_THAN = r"(?:newer|older|higher|lower|greater|later|more recent)"
_V1, _V2 = _SEMVER.format("first"), _SEMVER.format("second")


def _as_written(tool: str, argument: str) -> Build:
    def build(found: Found) -> ToolCall:
        return ToolCall(tool, {argument: found["code"].upper()})

    return build


def _compact(tool: str, argument: str, separators: str) -> Build:
    def build(found: Found) -> ToolCall | None:
        """A lower-case word after groups of capitals is not a group: `AT61 1904 3002 not`."""
        first, *others = found.written("code").split(" ")
        if first.isupper() and any(group.islower() for group in others):
            return None
        code = found["code"].upper()
        return ToolCall(tool, {argument: "".join(sign for sign in code if sign not in separators)})

    return build


def _uuid(found: Found) -> ToolCall:
    return ToolCall("uuid_facts", {"uuid": found["code"]})


def _versions(found: Found) -> ToolCall:
    return ToolCall("semver_compare", {"version1": found.written("first"), "version2": found.written("second")})


def _validity(build: Build, name_en: str, name_de: str, code: str) -> tuple[Rule, ...]:
    right = r"(?:valid|correct)"
    return (
        *rules(
            "en",
            build,
            rf"is {code} an? {right} {name_en}",
            rf"is (?:the |this )?{name_en} {code} {right}",
            rf"is this {name_en} {right}: {code}",
            rf"(?:check|validate|verify) (?:the |this )?{name_en}:? {code}",
        ),
        *rules(
            "de",
            build,
            rf"ist {code} eine? (?:gültiger?|korrekter?|richtiger?) {name_de}",
            rf"ist (?:die |der |diese |dieser )?{name_de} {code} (?:gültig|korrekt|richtig)",
            rf"(?:prüfe|überprüfe|validiere) (?:die |den |diese )?{name_de}:? {code}",
            rf"stimmt (?:die |der |diese )?{name_de} {code}",
        ),
    )


_LUHN_EN, _LUHN_DE = r"luhn (?:check|test|algorithm)", r"luhn-?(?:prüfung|test|algorithmus|verfahren)"
_RULES = (
    *_validity(_compact("iban_check", "iban", " "), r"iban(?: number)?", r"iban(?:-nummer)?", _IBAN),
    *_validity(
        _as_written("isbn_check", "isbn"), r"isbn(?:[- ]1[03])?(?: number)?", r"isbn(?:[- ]1[03])?(?:-nummer)?", _ISBN
    ),
    *_validity(
        _as_written("ean_check", "ean"),
        r"(?:ean|gtin)(?:[- ]?(?:13|8))?(?: code| barcode| number)?",
        r"(?:ean|gtin)(?:[- ]?(?:13|8))?(?:-?code|-?nummer)?",
        _EAN,
    ),
    *rules(
        "en",
        _compact("luhn_check", "number", " -"),
        rf"does {_DIGITS} pass the {_LUHN_EN}",
        rf"is {_DIGITS} valid (?:according to|by|under) the {_LUHN_EN}",
        rf"(?:run the )?luhn check (?:of |on |for )?{_DIGITS}",
        rf"(?:check|verify|validate) {_DIGITS} (?:with|by|using) the {_LUHN_EN}",
    ),
    *rules(
        "de",
        _compact("luhn_check", "number", " -"),
        rf"besteht {_DIGITS} (?:die|den) {_LUHN_DE}",
        rf"ist {_DIGITS} nach (?:dem |der )?{_LUHN_DE} gültig",
        rf"prüfe {_DIGITS} (?:mit|nach) (?:dem |der )?{_LUHN_DE}",
        rf"{_LUHN_DE} (?:von|für) {_DIGITS}",
    ),
    *_validity(_uuid, "uuid", "uuid", _UUID),
    *rules(
        "en",
        _uuid,
        rf"(?:what|which) (?:version is (?:the )?uuid|uuid version is|version of uuid is) {_UUID}",
        rf"(?:what|which) version (?:does|has) (?:the )?uuid {_UUID}(?: have)?",
        rf"(?:decode|inspect|analyse|analyze) (?:the )?uuid {_UUID}",
        rf"{LEAD_EN}uuid (?:facts|details|version) (?:of|for) {_UUID}",
        rf"when was (?:the )?uuid {_UUID} (?:created|generated|made)",
    ),
    *rules(
        "de",
        _uuid,
        rf"welche version hat (?:die )?uuid {_UUID}",
        rf"welche uuid-version (?:ist|hat) {_UUID}",
        rf"{LEAD_DE}uuid-version von {_UUID}",
        rf"wann wurde (?:die )?uuid {_UUID} (?:erzeugt|erstellt)",
    ),
    *rules(
        "en",
        _versions,
        rf"which version is {_THAN}[,:]? {_V1} or {_V2}",
        rf"which is the {_THAN} version[,:]? {_V1} or {_V2}",
        rf"is version {_V1} {_THAN} than (?:version )?{_V2}",
        rf"compare (?:the )?(?:semver |semantic )?versions? {_V1} (?:and|with|to) (?:version )?{_V2}",
        rf"compare semver {_V1} (?:and|with|to) {_V2}",
    ),
    *rules(
        "de",
        _versions,
        rf"welche version ist (?:neuer|älter|höher|niedriger|aktueller)[,:]? {_V1} oder {_V2}",
        rf"ist (?:die )?version {_V1} (?:neuer|älter|höher|niedriger|aktueller) als (?:version )?{_V2}",
        rf"vergleiche (?:die )?version(?:en)? {_V1} (?:und|mit) (?:version )?{_V2}",
    ),
)
CODES = Family(("iban", "isbn", "ean", "gtin", "luhn", "uuid", "version", "semver"), _RULES)
