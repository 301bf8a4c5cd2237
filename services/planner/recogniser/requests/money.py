"""Interest, amounts at a rate, and the chance of a number of successes."""

import re

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import COUNT, DATE, NUMBER_WORD, count_of, date_of

_CODES = "eur|usd|gbp|chf|jpy|sek|nok|dkk|pln|czk|huf|cad|aud|nzd|cny|inr|brl|try|zar|krw|mxn|sgd|hkd"
_BY_NAME = {
    "euro": "EUR", "euros": "EUR", "€": "EUR", "dollar": "USD", "dollars": "USD", "$": "USD", "us dollar": "USD",
    "us dollars": "USD", "yen": "JPY", "zloty": "PLN", "złoty": "PLN", "franken": "CHF", "swiss francs": "CHF",
    "francs": "CHF", "pounds": "GBP", "pound": "GBP", "£": "GBP", "british pounds": "GBP", "kronen": "",
}  # fmt: skip
_CODE = (
    rf"(?:{_CODES}|us dollars?|swiss francs?|british pounds?|euros?|dollars?|yen|zloty|złoty|franken|francs"
    rf"|pounds?|€|\$|£)"
)
_NUMBER = r"\d+(?:[.,]\d+)*"
_AMOUNT = rf"(?<![\w.,])(?:(?i:{_CODE}) ?{_NUMBER}|{_NUMBER} ?(?i:{_CODE}))(?!\w)"
_EQUAL = (
    rf"(?<![\w.,])(?:1|(?i:one|a|ein|eine)) ?(?i:{_CODE})(?: (?:costs?|is|was|bought|buys|gets|gives|kostet|sind"
    rf"|ist|war|="
    rf"|equals|kostete))? ?=? ?{_NUMBER} ?(?i:{_CODE})(?!\w)"
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


def _number(text: str, tongue: Tongue) -> str | None:
    digits = re.sub(r"[^\d.,]", "", text)
    return decimal(digits.replace(".", "") if tongue != "en" and _THOUSANDS.fullmatch(digits) else digits, tongue)


def _currency(text: str) -> str:
    name = re.sub(r"[\d.,=]", "", text).strip().lower()
    return _BY_NAME.get(name, name.upper())


_GERMAN = re.compile(r"zins|jahre|kapital")


def _interest(reading: Reading) -> ToolCall | None:
    kind = reading.one_of("simple", "compound")
    tongue: Tongue = "de" if _GERMAN.search(reading.text.lower()) else reading.tongue
    amount, rate = _number(reading.only("amount"), tongue), _number(reading.only("rate"), tongue)
    years = count_of(re.sub(r" ?(?:years?|jahren?)$", "", reading.only("years").lower()) or "x")
    if not kind or reading.has("other") or amount is None or rate is None or years is None:
        return None
    name = _currency(reading.only("amount"))
    currency = {"currency": name} if name else {}
    return ToolCall(
        "decimal_finance", {"operation": f"{kind}_interest", "operands": [amount, rate, str(years)], **currency}
    )


def _exchanged(reading: Reading) -> ToolCall | None:
    """One amount, one rate in both currencies, and one date."""
    source, tongue = _currency(reading.only("amount")), reading.tongue
    targets = {_currency(text) for text in reading.all("code")} - {source}
    equal, amount, day = reading.only("equal"), reading.only("amount"), date_of(reading.only("date"))
    found = re.findall(rf"(?i:{_CODE})", equal, re.IGNORECASE)
    if not equal and reading.only("plain") and len(targets) == 1:
        target = next(iter(targets))
        found, equal = [source, target], reading.only("plain")
    if day is None or len(found) != 2 or not amount:
        return None
    base, other = (_currency(name) for name in found)
    rate = _number(re.sub(r"^(?:1|one|an?|eine?) ?", "", equal, flags=re.IGNORECASE), tongue)
    value = _number(amount, tongue)
    target = other if source == base else base
    if rate is None or value is None or source not in (base, other) or base == other or not targets <= {target}:
        return None
    table: JsonValue = {"base": base, "date": day, "rates": {other: rate}}
    return ToolCall(
        "currency_convert", {"amount": value, "from_currency": source, "to_currency": target, "rates": table}
    )


_HOW = {"at_least": "binomial_at_least", "at_most": "binomial_at_most"}


def _chance(reading: Reading) -> ToolCall | None:
    """Coins and dice: the number of tosses is the larger one, or follows `in`."""
    numbers = sorted(
        number for text in reading.all("n") if (number := count_of(re.sub(r"[^\w]", "", text))) is not None
    )
    source = reading.one_of("coin", "die")
    how = reading.one_of("at_least", "at_most", "exactly")
    several = len({"at_least", "at_most", "exactly"} & set(reading.keys)) > 1
    if len(numbers) != 2 or not source or not reading.has("chance") or several or not reading.has("face"):
        return None
    return ToolCall("exact_probability", {
        "operation": _HOW.get(how, "binomial"), "n": numbers[1], "k": numbers[0], "numerator": 1,
        "denominator": 2 if source == "coin" else 6,
    })  # fmt: skip


REQUESTS = (
    Request(
        ("interest", "zins", "compound"),
        {
            "rate": r"\d+(?:[.,]\d+)* ?(?:%|(?i:percent|prozent))",
            "years": rf"(?i:(?:\d{{1,3}}|{NUMBER_WORD}|one|ein|einem) (?:years?|jahren?))(?!\w)",
            "amount": rf"{_AMOUNT}|(?<![\w.,])\d+(?:[.,]\d+)*(?![\w%]| ?%| ?(?i:percent|prozent|years?|jahr))",
        },
        {
            "if": r"if (?:i|we|you) (?:invest|put|save|deposit|borrow|lend|take)|wenn ich",
            "other": r"monthly|quarterly|daily|weekly|semi-?annually|monatlich\w*|vierteljährlich\w*|täglich\w*",
            "simple": r"simple(?: annual)?(?: interest)?|(?:nur )?einfache[nrm]? (?:verzinsung|zinsen|zins)",
            "compound": r"compound(?:ed|ing|s)?(?: annual)?(?: interest)?(?: (?:yearly|annually|once a year"
            r"|each year))*"
            r"|zinseszins(?:en)?|mit zinseszins",
        },
        _interest,
        words(
            "interest rate yearly annual annually per year p.a pa p a savings account invested invest deposit put worth"
            " have grow grows become earn earns end after at pro jahr jährlich jährlichen zinsen zins zinssatz"
            " endkapital anlegen angelegt anlage laufzeit lang kapital wächst legt lege an guthaben principal"
            " term final"
            " amount loan lend leihe zahlen borrow owe pay total bank fest fixed startkapital balance money geld"
            " lege anlege paying pays pay put into an what's it"
        ),
        5,
    ),
    Request(
        ("rate", "kurs", "=", "bought", "costs", "kostet", "one ", "1 "),
        {
            "equal": _EQUAL,
            "plain": r"(?i:(?:exchange )?rate|(?:wechsel)?kurs)(?: (?:of|von|is|ist))?:? ?\d+[.,]\d+(?!\w)",
            "amount": _AMOUNT,
            "date": DATE,
            "code": rf"(?<!\w)(?i:{_CODE})(?!\w)",
        },
        {
            "rate": r"(?:exchange )?rate(?! ?(?:of |is )?\d+[.,]\d)(?! of \d+[.,])|base|into|in|to|(?:wechsel"
            r"|umrechnungs|tages)?kurs(?:es)?|stand|convert(?:ed)?|how (?:many|much)"
            r"|wie ?viele?|wandle|rechne|what|worth"
        },
        lambda reading: _exchanged(reading) if reading.has("rate") else None,
        words("bank exchange day tag um in using wandle umgerechnet damit as of bought costs stand vom am on with at"),
        4,
    ),
    Request(
        ("chance", "probab", "likel", "odds", "wahrscheinlich"),
        {"n": COUNT},
        {
            "chance": r"chances?|probability|likelihood|odds|how likely|wahrscheinlich(?:keit)?|wie wahrscheinlich",
            "at_least": r"at least|or more|mindestens|minimum of",
            "at_most": r"at most|no more than|höchstens|maximal",
            "exactly": r"exactly|precisely|genau",
            "coin": r"(?:fair |faire[nr]? )?(?:coins?|münzen?|coin (?:tosse?s?|flips?)"
            r"|münzw[uü]rfe?n?)(?: that is fair)?",
            "die": r"(?:fair |faire[nr]? )?(?:dice|die|würfeln?|würfels)(?= |[?.,]|$)(?: rolls?| throws?)?",
            "face": r"heads?|tails?|kopf|zahl|sixes|six|sechsen|sechser|fives|fours|threes|ones",
        },
        _chance,
        words(
            "tossed tosses toss flips flipped flip rolled roll rolls throws thrown times mal gets see getting"
            " get geworfen"
            " würfen wurf bei würfe landing shows fair faire"
        ),
        3,
    ),
)
