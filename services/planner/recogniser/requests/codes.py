"""Codes with check digits, and identifiers."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.requests.reader import Build, Reading, Request

_VALID = (
    r"valid(?:ate|ity|ated|ation)?|correct(?:ly|ness)?|check(?:s|ed)?(?:[- ](?:digits?|sum|out))?|verify|verified"
    r"|right(?! for)|wrong(?: one)?(?=\?)|or(?: is it)?(?: a| the)? wrong(?: one)?|ok(?:ay)?(?! to)"
    r"|plausib(?:le|el|ility)|fine(?=[?.! ]*$)|accurate|authentic"
    r"|pass(?:es)?(?=[?.! ]*$| (?:the |a )?(?:luhn|check|test|valid|mod|iban|isbn|ean|digit))"
    r"|real|legit(?:imate)?|genuine|proper|typos?|mistyped|mistakes?|invalid|bogus|fake|convert(?:ed)?|make"
    r"|turn|equivalent|counterpart|(?:1[03]|ten|thirteen|zehn|dreizehn)[- ]?(?:digits?|stellen|stellige[rnms]?|ziffern)"
    r"|gültig(?:e[rnms]?|keit)?|korrekt(?:e[rnms]?)?|richtig(?:e[rnms]?)?|prüfe?n?|überprüfe?n?|validiere?n?"
    r"|stimm(?:t|en)|passt|(?:kommt|kommen|haut|hauen)(?=.{0,60} hin(?!\w))|hin"
    r"|oder (?:ist (?:sie|er|die|das) )?falsch(?:e[rnms]?)?|falsch(?=\?)|fehlerfrei"
    r"|echt(?:e[rnms]?)?|(?:luhn-)?prüf(?:ziffern?|summen?|ung)|(?:tipp|schreib)fehler|vertippt|verschrieben"
    r"|(?:write|type|copy|get|note) (?:it|that|this|them)(?: down)? (?:right|correctly)|zahlendreher"
    r"|ungültig(?:e[rnms]?)?|in ordnung|besteht|checke?|last digit|letzte (?:ziffer|stelle)"
)
_OWN = words(
    "code format number digits digit printed supplier landlord invoice rechnung steht says account konto nummer"
    " ziffern barcode bank sepa typed type in form bringen 13-stellige stellige version checksum the transfer"
    " überweisung kontonummer auf customer vendor lieferant label sticker etikett scanned read library algorithm"
    " algorithmus check test run formula verfahren satisfies satisfy erfüllt card karte kreditkarte credit imei visa"
    " mastercard amex phone please kind digit's bought used second-hand paid shop per sms whatsapp mail email e-mail"
    " telefon handy tenant deposit club verein scan copied copy hand paper note gave sent given geschickt genannt"
    " gegeben bekommen abgetippt eingegeben eingetippt kopiert payment bezahlen zahlung meldet till kasse scanner"
    " refuses rejects oder or somebody old found packung pack verpackung under unter from zu zur zum dazu als into"
    " equivalent forms überhaupt so without one ours mine webshop checkout belegt vermieterin vermieter neue last"
    " letzte abgeschrieben umrechnen umwandeln rechne wandle um variante well-formed formed true rejected online beim"
    " online-banking app website webseite feld formular meckert schulbücherei bücherei rückseite catalogue gerechnet"
    " berechnet geschrieben angegeben zettel möglich possible durchgegeben"
)
# what carries the code; a question for the thing itself, or for the digit, is no check
_CARRIERS = words(
    "book books buch paperback hardcover novel roman schulbuch textbook product produkt artikel item karton box"
    " package device gerät"
)
_ASKS_FOR_MORE = re.compile(
    r"\b(?:what|which|whose|welche[rsnm]?|was für (?:ein|eine)|name|find|finde)(?: the| my| der| das| die| mein)?"
    rf" (?:{'|'.join(sorted(_CARRIERS))}|bank|country|land|shop|publisher|verlag|person|owner|inhaber|title|titel|phone"
    r"|handy|card|karte)\b|\b(?:still|noch) (?:valid|gültig|ok)"
    r"|\b(?:compute|calculate|generate|append|add|which|what(?:'s| is)?|berechne|bestimme|ermittle|welche|missing|fehlt"
    r"|fehlende|complet\w+)\b(?!\w* (?:out|whether|if|ob))[^.,?!]{0,30}\b(?:check digit"
    r"|prüfziffer)\b(?! (?:is )?(?:right|wrong|correct))"
)


def _bare(reading: Reading) -> str:
    """The only code, with or without quotes."""
    codes = [*reading.all("code"), *reading.all("quoted")]
    return codes[0] if len(codes) == 1 else ""


def _checked(tool: str, argument: str, pattern: str, drop: str) -> Build:
    shape = re.compile(pattern)

    def build(reading: Reading) -> ToolCall | None:
        code = _bare(reading).strip()
        others = any(kind == "u" for kind, _ in reading.pieces) or not _CARRIERS.isdisjoint(reading.words)
        is_clear = reading.has("valid") or reading.keys.count("name") > 1 or not others
        is_named = reading.has("name") or (tool == "iban_check" and reading.has("valid"))
        if not shape.fullmatch(code) or not is_named or not is_clear:
            return None
        if _ASKS_FOR_MORE.search(reading.text.lower()) or (tool == "luhn_check" and _is_short(reading, code)):
            return None
        digits = "".join(sign for sign in code if sign not in drop)
        return ToolCall(tool, {argument: digits if tool == "isbn_check" else digits.upper()})

    return build


def _is_short(reading: Reading, code: str) -> bool:
    """True for fewer digits than a card or a phone has, if Luhn is not named."""
    return sum(sign.isdigit() for sign in code) < _FEWEST_OF_A_CARD and "luhn" not in reading.text.lower()


_FEWEST_OF_A_CARD = 13


def _check(cues: tuple[str, ...], tool: tuple[str, str], pattern: str, name: str, drop: str = " ") -> Request:
    return Request(
        cues,
        {"code": rf"(?<![\w-]){pattern}(?![\w-])", "quoted": MARK},
        {"name": name, "valid": _VALID},
        _checked(*tool, pattern, drop),
        _OWN | _CARRIERS,
        5,
        yes_or_no=True,
    )


_OTHER_FORM = words("integer base64 urn bytes binary convert generate next encode")


def _uuid(reading: Reading) -> ToolCall | None:
    if _OTHER_FORM & set(reading.words):
        return None
    return (
        ToolCall("uuid_facts", {"uuid": reading.only("code")})
        if (reading.only("code") and (len(set(reading.keys)) > 1 or not any(kind == "u" for kind, _ in reading.pieces)))
        else None
    )


REQUESTS = (
    _check(
        (
            "iban",
            "valid",
            "prüf",
            "check",
            "verify",
            "korrekt",
            "correct",
            "gültig",
            "stimm",
            "richtig",
            "typo",
            "vertippt",
        ),
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
        ("luhn", "card", "karte", "imei", "iccid", "visa", "amex", "mastercard"),
        ("luhn_check", "number"),
        r"\d(?:[ -]?\d){7,22}",
        r"luhn(?:[- ]?(?:ziffer|check|test|algorithm|number|formula|prüfung|prüfziffer|algorithmus"
        r"|verfahren))?(?:-gültig)?|(?:credit|debit)?[- ]?card(?:[- ]number)?|kredit(?:karten?|kartennummer)"
        r"|(?:kredit|bank)?kartennummer|imei|iccid|(?:visa|amex|mastercard|american express)(?:[- ](?:number|nummer))?",
        " -",
    ),
    Request(
        ("uuid", "guid", "timestamp", "zeitstempel", "version"),
        {"code": r"(?<!\w)(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?!\w)"},
        {
            "name": r"uuids?|guids?",
            "fact": r"time ?stamps?|zeitstempel|zeitpunkt|zeit|(?:uuid-)?versions?(?: [1-8])?|v[1-8]|created|generated"
            r"|made|issued"
            r"|creation (?:time|date)|variants?|varianten?|erzeugt|erstellt|angelegt|entstand(?:en)?|stammt|date|datum"
            r"|when|wann|decode|inspect|details|valid|gültig|rfc|mac(?:[- ]?address|-?adresse)?|nodes?|(?:which|what"
            r"|welche[msn]?) (?:year|jahr)|knoten|art|typ|kind|type|random|zufällig"
            r"|(?:name|time|zeit|namens?)[- ]?(?:based|basiert)|auswerten|analy[sz]e|analysiere",
        },
        _uuid,
        _OWN
        | words(
            "inside embedded uuid guid encode hidden enthalten steckt time of extract record records datensatz id key"
            " schlüssel primary unserer unserem request log logs entry row lies aus it's and seine ihre report quotes"
            " error fehler fehlermeldung see bug ticket"
        ),
        4,
        yes_or_no=True,
    ),
)
