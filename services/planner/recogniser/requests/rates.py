"""An amount in another currency, at a rate and a date that the question names."""

import re

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.currencies import (
    AMOUNT,
    CURRENCY,
    NUMBER,
    currency_of,
    may_be_inverse,
    number_of,
    price_of,
)
from services.planner.recogniser.filler import words
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import DATE, date_of

_ONE = rf"(?:(?:1(?:[.,]0+)?|(?i:one|an?|eine?[nm]?)) ?{CURRENCY}|{CURRENCY} ?1(?:[.,]0+)?)(?![\w]|[.,]\d)"
_QUOTE = rf"(?:{NUMBER} ?{CURRENCY}|{CURRENCY} ?{NUMBER})(?!\w|[.,]\d)"
_BETWEEN = (
    r"(?: ?(?:=|:)| (?i:costs?|is|are|was|were|bought|buys|gets?|got|gave|gives|you|one|for|at|worth|equals"
    r"|equalled|stood"
    r"|kostete?n?|sind|ist|war|waren|man|es|gab|gibt|bekam|bekommt|entsprach|entspricht|wert|bei|noch|rund|genau))*"
)
_EQUAL = rf"(?<![\w.,]){_ONE}{_BETWEEN} ?{_QUOTE}"
_PER = (
    rf"(?<![\w.,]){_QUOTE} ?(?:/|(?i:per|je|pro|to the|for each|(?:to|for|für|=|was|is|are|were|ist|war)"
    rf"(?= ?(?:1|(?i:one|an?|eine?[nm]?))\W)))"
    rf" ?(?:(?:1(?:[.,]0+)?|(?i:one|an?|eine?[nm]?)) ?)?{CURRENCY}(?!\w)"
)
_PAIR = (
    rf"(?<!\w)(?-i:[A-Z]{{3}}) ?[/-] ?(?-i:[A-Z]{{3}})"
    r"(?: ?(?:[-:=@]|(?i:exchange|rate|kurs|at|of|was|is|bei|von|war|ist)))*"
    rf" ?{NUMBER}(?!\w|[.,]\d)"
)
_PLAIN = (
    r"(?i:(?:exchange )?rate|(?:wechsel)?kurs)(?: (?i:of|von|is|ist|was|war))?:? ?\d+[.,]\d+(?!\w|[.,]\d)"
    rf"(?! ?{CURRENCY})"
)
# the decimal comma of one number tells the language of all
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])\d+,(?:\d{1,2}|\d{4,})(?![\d.,]*\d)")
_FIRST_ONE = re.compile(r"^(?:1(?:[.,]0+)?(?![\d.,])|one|an?|eine?[nm]?)(?!\w) ?", re.IGNORECASE)
_LAST_ONE = re.compile(r"(?<=\D)(?:1(?:[.,]0+)?|one|an?|eine?[nm]?) ?(?=\D+$)", re.IGNORECASE)


# `0.94 EUR/CHF` is a price in euros, or one of a euro
_CODES_AFTER = re.compile(r"\d ?[A-Z]{3} ?/ ?[A-Z]{3}$")


def _rate(reading: Reading, source: str, targets: frozenset[str]) -> tuple[str, str, str] | None:
    """Base, other currency, and the price of one unit of the base; None if it is not named exactly once."""
    if sum(map(len, map(reading.all, ("equal", "per", "pair", "plain")))) != 1:
        return None
    named = frozenset({source, *targets})
    if text := reading.only("plain"):
        return (source, next(iter(targets)), text) if len(targets) == 1 else None
    if _CODES_AFTER.search(reading.only("per")) is not None:
        return None
    if text := reading.only("pair"):
        base, other = re.findall("[A-Z]{3}", text)[:2]
        return base, other, text
    text = _FIRST_ONE.sub("", reading.only("equal")) or reading.only("per")
    found = [code for name in re.findall(CURRENCY, text) if (code := currency_of(name, named))]
    if len(found) != 2:
        return None
    rate = re.sub(rf"^({CURRENCY}) ?1(?:[.,]0+)?(?![\d.,])", r"\1", text) if reading.all("equal") else text
    return (found[0], found[1], rate) if reading.all("equal") else (found[1], found[0], _LAST_ONE.sub("", rate))


def _exchanged(reading: Reading) -> ToolCall | None:
    """One amount, one rate between both currencies, and one date."""
    day = date_of(reading.only("date"))
    codes = frozenset(
        code for text in (*reading.all("code"), *reading.all("equal"), *reading.all("per"))
        for name in re.findall(CURRENCY, text) if (code := currency_of(name))
    )  # fmt: skip
    source = currency_of(reading.only("amount"), codes)
    targets = frozenset(currency_of(text, codes) for text in reading.all("code")) - {source}
    rate = _rate(reading, source, targets)
    if day is None or rate is None or not source:
        return None
    tongue: Tongue = "de" if _DECIMAL_COMMA.search(reading.text) else reading.tongue
    base, other, price = rate[0], rate[1], price_of(rate[2], tongue)
    value = number_of(reading.only("amount"), tongue)
    target = other if source == base else base
    if price is None or value is None or source not in (base, other) or base == other or not targets <= {target}:
        return None
    is_named = not reading.all("plain") and not reading.all("pair")
    if not is_named and may_be_inverse(price, base, other):
        return None
    table: JsonValue = {"base": base, "date": day, "rates": {other: price}}
    return ToolCall(
        "currency_convert", {"amount": value, "from_currency": source, "to_currency": target, "rates": table}
    )


REQUESTS = (
    Request(
        ("rate", "kurs", "=", "bought", "costs", "kostet", "one ", "1 ", " per ", " je ", " pro ", "/", "für ein"),
        {
            "date": DATE,
            "equal": _EQUAL,
            "per": _PER,
            "pair": _PAIR,
            "plain": _PLAIN,
            "amount": AMOUNT,
            "code": rf"(?<!\w){CURRENCY}(?!\w)",
        },
        {
            "rate": r"(?:exchange )?rate(?! ?(?:of |is |was )?\d+[.,]\d)(?! of \d+[.,])|base|into|in|to|(?:wechsel"
            r"|umrechnungs|tages)?kurs(?:es)?(?! ?(?:von |ist |war )?\d+[.,]\d)|stand|convert(?:ed)?|how (?:many|much)"
            r"|wie ?viele?|wandle|rechne|what|worth"
        },
        lambda reading: _exchanged(reading) if reading.has("rate") else None,
        words(
            "bank exchange day tag um in using wandle umgerechnet damit as of bought costs stand vom am on with at ecb"
            " ezb reference referenzkurs official central invoice hotel flight ticket price bill dinner rent fee cost"
            " rechnung hotelrechnung restaurant preis flug paid bezahlt kostete book kaufte order shop then that day"
            " charged charge according laut exact museum tausche tauscht get got bekomme bekommt letzte letzten week"
            " woche month monat wechsel wechseln tauschen umtauschen"
            " umrechnen currency währung"
        ),
        8,
    ),
)
