"""Simple and compound interest."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.currencies import AMOUNT, currency_of, number_of
from services.planner.recogniser.filler import words
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import NUMBER_WORD, count_of

_GERMAN = re.compile(r"zins|jahre|kapital")


def _interest(reading: Reading) -> ToolCall | None:
    kind = reading.one_of("simple", "compound")
    tongue: Tongue = "de" if _GERMAN.search(reading.text.lower()) else reading.tongue
    amount, rate = number_of(reading.only("amount"), tongue), number_of(reading.only("rate"), tongue)
    years = count_of(re.sub(r" ?(?:years?|jahren?)$", "", reading.only("years").lower()) or "x")
    if not kind or reading.has("other") or amount is None or rate is None or years is None:
        return None
    name = currency_of(reading.only("amount"))
    currency = {"currency": name} if name else {}
    return ToolCall(
        "decimal_finance", {"operation": f"{kind}_interest", "operands": [amount, rate, str(years)], **currency}
    )


REQUESTS = (
    Request(
        ("interest", "zins", "compound"),
        {
            "rate": r"\d+(?:[.,]\d+)* ?(?:%|(?i:percent|prozent))",
            "years": rf"(?i:(?:\d{{1,3}}|{NUMBER_WORD}|one|ein|einem) (?:years?|jahren?))(?!\w)",
            "amount": rf"{AMOUNT}|(?<![\w.,])\d+(?:[.,]\d+)*(?![\w%]| ?%| ?(?i:percent|prozent|years?|jahr))",
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
            "geworden werden wird interest rate yearly annual annually per year p.a pa p a savings account invested"
            " invest deposit put worth"
            " have grow grows become earn earns end after at pro jahr jährlich jährlichen zinsen zins zinssatz"
            " endkapital anlegen angelegt anlage laufzeit lang kapital wächst legt lege an guthaben principal"
            " term final"
            " amount loan lend leihe zahlen borrow owe pay total bank fest fixed startkapital balance money geld"
            " lege anlege paying pays pay put into an what's it"
        ),
        5,
    ),
)
